import { isId } from '@tessera/service/database';
import type { DataScope } from '@tessera/service/tenancy';
import { isMadeByWhoIsIn } from '../deactivation/lock-programs.js';
import type { ClientState, TokenIssuer } from '../tokens/token-issuer.js';
import { hashClientSecret } from './client-secret.js';
import { TokenRefusal } from './token-refusal.js';
import type { TokenRequest } from './token-request.js';

/** How exactly the last use of a client is known: a write for each token would cost more than it tells. */
const lastUseSeconds = 60;

/** The answer to a token request that was granted (RFC 6749, 5.1). */
export interface TokenAnswer {
  readonly access_token: string;
  readonly token_type: 'Bearer';
  /** Seconds. */
  readonly expires_in: number;
  readonly scope: string;
}

export interface TokenServiceOptions {
  readonly serviceScope: () => DataScope;
  readonly tokenIssuer: TokenIssuer;
}

/** Gives machine clients their access tokens. Nobody is signed in: the service itself acts. */
export class TokenService {
  constructor(private readonly options: TokenServiceOptions) {}

  /** @throws TokenRefusal as RFC 6749, 5.2 names it; the same for a client that is unknown, revoked or of a locked tenant */
  async grant(request: TokenRequest): Promise<TokenAnswer> {
    const { serviceScope, tokenIssuer } = this.options;
    const client = isId(request.clientId) ? await findClient(serviceScope(), request) : undefined;
    if (client === undefined) throw new TokenRefusal('invalid_client', 'The client or its secret is not right');
    const granted = request.scope ?? client.scopes;
    if (!granted.every((name) => client.scopes.includes(name))) {
      throw new TokenRefusal('invalid_scope', 'The client has not got all of the scopes');
    }
    const { accessToken, expiresIn } = await tokenIssuer.issueForClient({ ...client, scopes: granted });
    return { access_token: accessToken, token_type: 'Bearer', expires_in: expiresIn, scope: granted.join(' ') };
  }
}

async function findClient(
  scope: DataScope,
  { clientId, clientSecret }: TokenRequest,
): Promise<ClientState | undefined> {
  const [client] = await scope.runAlone<ClientState>(
    `with found as (
         select id, tenant_id, created_by, scopes, rights_version, last_used_at from machine_client
         where id = $1 and revoked_at is null
           and (secret_hash = $2 or (former_secret_hash = $2 and former_secret_until > now()))
           and not exists (select 1 from tenant_status
             where tenant_status.tenant_id = machine_client.tenant_id and status <> 'ACTIVE')
           and ${isMadeByWhoIsIn('machine_client')}
       ), used as (
         update machine_client set last_used_at = now() from found
         where machine_client.id = found.id
           and (found.last_used_at is null or found.last_used_at < now() - make_interval(secs => $3))
       )
       select id as "clientId", tenant_id as "tenantId", created_by as "createdBy", scopes,
              rights_version as "rightsVersion",
              exists (select 1 from tenant_policy where tenant_policy.tenant_id = found.tenant_id) as "isPolicied" from found`,
    [clientId, hashClientSecret(clientSecret), lastUseSeconds],
  );
  return client;
}
