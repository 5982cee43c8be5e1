import type { SqlExecutor } from './sql-executor.js';

/**
 * Marks an event as consumed, inside the transaction of the work that it causes, so that both happen once.
 *
 * @returns true the first time; false when the event was consumed before, and there is nothing to do
 */
export async function consumeOnce(query: SqlExecutor, consumer: string, eventId: string): Promise<boolean> {
  const rows = await query(
    'insert into consumed_event (consumer, event_id) values ($1, $2) on conflict do nothing returning event_id',
    [consumer, eventId],
  );
  return rows.length === 1;
}

/**
 * Forgets some of the events consumed long ago; meant for a daily job, which repeats it until fewer are forgotten than it may.
 *
 * @param olderThanDays must exceed the longest time after which an event can still be delivered again
 * @param maxCount so many at once: a long transaction would hold up who consumes
 * @returns how many were forgotten
 */
export async function pruneConsumedEvents(
  query: SqlExecutor,
  olderThanDays: number,
  maxCount = 5_000,
): Promise<number> {
  const rows = await query(
    `delete from consumed_event where ctid = any (array(
       select ctid from consumed_event where consumed_at < now() - make_interval(days => $1)
       limit $2
     )) returning event_id`,
    [olderThanDays, maxCount],
  );
  return rows.length;
}
