import type { AccessTokenClaims, Credentials, Principal } from '@tessera/service/identity';

/**
 * Who comes with an access token whose claims are verified: a person, or a program that stands for itself.
 *
 * @param issuedAtSeconds since the epoch
 */
export function principalOf(claims: AccessTokenClaims, issuedAtSeconds: number): Principal {
  const { sub, sid, tid, roles, scope, client_id, owner, act } = claims;
  const isProgram = client_id !== undefined;
  return Object.freeze({
    kind: isProgram ? ('key' as const) : ('user' as const),
    userId: isProgram ? (owner ?? sub) : sub,
    sessionId: sid,
    ...(isProgram && { apiKeyId: client_id }),
    ...(act !== undefined && { impersonatorId: act.sub }),
    ...(tid !== undefined && { tenantId: tid }),
    roles,
    scopes: scope.split(' ').filter((name) => name !== ''),
    ...(tid !== undefined && { credentials: credentialsOf(claims, issuedAtSeconds) }),
  });
}

/** Policies of tenants ask for these; a token that does not say when its person proved who they are is of no use to them. */
function credentialsOf({ way, amr = [], auth_time = 0, pol = false }: AccessTokenClaims, issuedAtSeconds: number) {
  const credentials: Credentials = {
    way,
    hasMfa: amr.includes('mfa'),
    provenAtMs: auth_time * 1_000,
    issuedAtMs: issuedAtSeconds * 1_000,
    isPolicied: pol,
  };
  return Object.freeze(credentials);
}
