import type { ResolvedApiKey } from '@tessera/service/identity';
import type { DataScope } from '@tessera/service/tenancy';
import { isMadeByWhoIsIn } from '../deactivation/lock-programs.js';

/** How exactly the last use of a key is known: a write for each request would cost more than it tells. */
const lastUseSeconds = 60;

interface ApiKeyRow extends Omit<ResolvedApiKey, 'expiresAtMs'> {
  readonly expiresAtMs: number | null;
}

/**
 * Finds whose key a hash is, and notes that it is used.
 *
 * @param hash SHA-256
 * @returns undefined for a key that is unknown, expired or revoked, for one of a tenant that is not in use, and for one whose maker is deactivated
 */
export async function resolveApiKey(openScope: () => DataScope, hash: Buffer): Promise<ResolvedApiKey | undefined> {
  const [row] = await openScope().runAlone<ApiKeyRow>(
    `with found as (
         select id, tenant_id, created_by, scopes, expires_at, rights_version, last_used_at from api_key
         where token_hash = $1 and revoked_at is null and (expires_at is null or expires_at > now())
           and not exists (select 1 from tenant_status
             where tenant_status.tenant_id = api_key.tenant_id and status <> 'ACTIVE')
           and ${isMadeByWhoIsIn('api_key')}
       ), used as (
         update api_key set last_used_at = now() from found
         where api_key.id = found.id
           and (found.last_used_at is null or found.last_used_at < now() - make_interval(secs => $2))
       )
       select id, tenant_id as "tenantId", created_by as "createdBy", scopes,
              (extract(epoch from expires_at) * 1000)::float8 as "expiresAtMs",
              rights_version as "rightsVersion",
              exists (select 1 from tenant_policy where tenant_policy.tenant_id = found.tenant_id) as "isPolicied" from found`,
    [hash, lastUseSeconds],
  );
  if (row === undefined) return undefined;
  const { expiresAtMs, ...resolved } = row;
  return { ...resolved, ...(expiresAtMs !== null && { expiresAtMs }) };
}
