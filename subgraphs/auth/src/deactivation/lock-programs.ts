import type { RunSql } from '@tessera/service/database';
import type { Revocation } from '@tessera/service/identity';

/**
 * Tokens of machine clients that a person has made are refused; gateways ask again for the person's API keys, and hear that they
 * are none while the account is deactivated.
 *
 * @returns what to announce
 */
export async function lockPrograms(query: RunSql, userId: string): Promise<Revocation['renewed']> {
  const rows = await query<{ readonly sessionId: string; readonly rightsVersion: number }>(
    `with keys as (
       update api_key set rights_version = rights_version + 1, rights_changed_at = now()
       where created_by = $1 and revoked_at is null returning id, rights_version
     ), clients as (
       update machine_client set rights_version = rights_version + 1, rights_changed_at = now()
       where created_by = $1 and revoked_at is null returning id, rights_version
     )
     select id as "sessionId", rights_version as "rightsVersion" from keys
     union all select id, rights_version from clients`,
    [userId],
  );
  return [...rows];
}

/** SQL condition on a table of programs: who made it is not deactivated. */
export const isMadeByWhoIsIn = (table: string): string =>
  `not exists (select 1 from account where account.id = ${table}.created_by and account.deactivated_at is not null)`;
