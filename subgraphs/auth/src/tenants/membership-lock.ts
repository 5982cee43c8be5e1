import type { RunSql } from '@tessera/service/database';

/**
 * Lets switching into a tenant and news of a membership's end happen one after the other, to the end of the transaction:
 * side by side, the switch would not see the news, nor the news the session that it must end.
 */
export async function lockMembership(query: RunSql, tenantId: string, userId: string): Promise<void> {
  await query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [`${tenantId} ${userId}`]);
}

/** The same for switching into a tenant and news of the tenant itself: many may switch at once. */
export async function lockTenant(query: RunSql, tenantId: string, mode: 'shared' | 'alone' = 'alone'): Promise<void> {
  const lock = mode === 'alone' ? 'pg_advisory_xact_lock' : 'pg_advisory_xact_lock_shared';
  await query(`select ${lock}(hashtextextended($1, 1))`, [tenantId]);
}
