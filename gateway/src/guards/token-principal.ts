import type { AccessTokenClaims, Principal } from '@tessera/service/identity';

/** Who comes with an access token whose claims are verified: a person, or a program that stands for itself. */
export function principalOf({ sub, sid, tid, roles, scope, client_id, owner, act }: AccessTokenClaims): Principal {
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
  });
}
