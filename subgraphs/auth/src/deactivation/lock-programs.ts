import type { RunSql } from '@tessera/service/database';
import type { Revocation } from '@tessera/service/identity';

/** Whose programs: of who made them, or of the tenant in which they act. */
type OwnerColumn = 'created_by' | 'tenant_id';

/**
 * Tokens of somebody's machine clients are refused; gateways ask again for API keys whose rights have changed, and hear that they
 * are none while their owner is locked.
 *
 * @returns what to announce
 */
export async function lockPrograms(
  query: RunSql,
  column: OwnerColumn,
  ownerId: string,
): Promise<Revocation['renewed']> {
  const rows = await query<{ readonly sessionId: string; readonly rightsVersion: number }>(
    `with keys as (
       update api_key set rights_version = rights_version + 1, rights_changed_at = now()
       where ${column} = $1 and revoked_at is null returning id, rights_version
     ), clients as (
       update machine_client set rights_version = rights_version + 1, rights_changed_at = now()
       where ${column} = $1 and revoked_at is null returning id, rights_version
     )
     select id as "sessionId", rights_version as "rightsVersion" from keys
     union all select id, rights_version from clients`,
    [ownerId],
  );
  return [...rows];
}

/** SQL condition on a table of programs: who made it is not deactivated. */
export const isMadeByWhoIsIn = (table: string): string =>
  `not exists (select 1 from account where account.id = ${table}.created_by and account.deactivated_at is not null)`;
