import type { MikroORM } from '@mikro-orm/postgresql';
import type { Metrics } from '../metrics/index.js';

/** Shows the connection pool in `/metrics`: how many connections there are, how many rest, and who waits for one. */
export function observePool(orm: MikroORM, metrics: Metrics): void {
  const pool = () => orm.em.getConnection().getNativeClient();
  metrics.sampledGauge('db_pool_connections', 'Open connections', async () => (await pool()).totalCount);
  metrics.sampledGauge('db_pool_idle_connections', 'Open connections at rest', async () => (await pool()).idleCount);
  metrics.sampledGauge(
    'db_pool_waiting_requests',
    'Requests that wait for a connection',
    async () => (await pool()).waitingCount,
  );
}
