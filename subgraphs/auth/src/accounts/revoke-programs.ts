import type { RunSql } from '@tessera/service/database';

/**
 * Ends the API keys and machine clients, of whatever tenant, that an account has made, inside the caller's transaction.
 *
 * @returns what to announce as ended after the commit
 */
export async function revokePrograms(query: RunSql, userId: string): Promise<readonly string[]> {
  const rows = await query<{ readonly id: string }>(
    `with keys as (
       update api_key set revoked_at = now() where created_by = $1 and revoked_at is null returning id
     ), clients as (
       update machine_client set revoked_at = now() where created_by = $1 and revoked_at is null returning id
     )
     select id from keys union all select id from clients`,
    [userId],
  );
  return rows.map(({ id }) => id);
}
