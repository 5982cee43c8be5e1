import type { MikroORM } from '@mikro-orm/postgresql';
import type { Health } from '../health/index.js';

/**
 * Registers what readiness says of a database. Without it the service is not ready. With one that takes no changes (a standby,
 * after a failover; a disk that is full) it is degraded: it still answers what can be read, and so do all its other instances, which
 * see the same.
 */
export function registerDatabaseChecks(orm: MikroORM, health: Health): void {
  health.register('database', async () => {
    const check = await orm.checkConnection();
    if (!check.ok) throw new Error(check.reason);
  });
  health.register('database writes', () => assertWritable(orm), { required: false });
}

async function assertWritable(orm: MikroORM): Promise<void> {
  const [row] = await orm.em
    .getConnection()
    .execute<{ is_read_only: boolean }[]>("select current_setting('transaction_read_only') = 'on' as is_read_only");
  if (row?.is_read_only !== false) throw new Error('The database takes no changes');
}
