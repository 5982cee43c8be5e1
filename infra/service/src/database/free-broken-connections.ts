import type { Pool, PoolClient } from 'pg';

/**
 * Gives the place of a connection that breaks in use back to its pool.
 *
 * Kysely gives a transaction's connection back once its BEGIN, COMMIT or ROLLBACK was answered, and a broken connection
 * answers nothing: every transaction that a database's restart cuts off would cost the pool one place for good.
 */
export function freeBrokenConnections(pool: Pool): void {
  const inUse = new WeakSet<PoolClient>();
  pool.on('release', (_error, connection) => inUse.delete(connection));
  pool.on('acquire', (connection) => {
    inUse.add(connection);
    // The pool sets `release` right after this event, and gives back at once what nobody waits for any more.
    queueMicrotask(() => {
      if (inUse.has(connection)) releaseOnceBroken(connection);
    });
  });
}

/** Whoever held it may still give it back later: that changes nothing then. */
function releaseOnceBroken(connection: PoolClient): void {
  const giveBack = connection.release.bind(connection);
  let isReleased = false;
  const release = (error?: Error | boolean): void => {
    if (isReleased) return;
    isReleased = true;
    connection.off('end', onEnd);
    giveBack(error);
  };
  const onEnd = (): void => release(true);
  connection.on('end', onEnd);
  connection.release = release;
}
