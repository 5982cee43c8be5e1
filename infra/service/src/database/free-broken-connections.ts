import type { Connection, Pool, PoolClient } from 'pg';

/** SQLSTATE `read_only_sql_transaction`. */
const readOnly = '25006';

/**
 * Gives the place of a connection that breaks in use back to its pool.
 *
 * Kysely gives a transaction's connection back once its BEGIN, COMMIT or ROLLBACK was answered, and a broken connection
 * answers nothing: every transaction that a database's restart cuts off would cost the pool one place for good.
 *
 * One that leads to a server which takes no changes is not used again either: after a failover its address may lead to another
 * server by now, but a connection stays where it is.
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
  // The types do not have what all of the protocol goes over.
  const { connection: wire } = connection as PoolClient & { readonly connection: Connection };
  let isReleased = false;
  let isReadOnly = false;
  const release = (error?: Error | boolean): void => {
    if (isReleased) return;
    isReleased = true;
    connection.off('end', onEnd);
    wire.off('errorMessage', onError);
    giveBack(isReadOnly || error);
  };
  const onError = ({ code }: { readonly code?: string }): void => {
    isReadOnly ||= code === readOnly;
  };
  wire.on('errorMessage', onError);
  const onEnd = (): void => release(true);
  connection.on('end', onEnd);
  connection.release = release;
}
