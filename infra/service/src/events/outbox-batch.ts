import type { ClientBase } from 'pg';
import type { Logger } from '../logging/index.js';
import { parseDomainEvent } from './domain-event.js';
import type { EventBus } from './event-bus.js';

/** One row of the outbox as the relay reads it. */
interface OutboxRow {
  readonly id: string;
  readonly event: string;
}

/**
 * Limits sit on the transaction: PgBouncer refuses connections that ask for them when they start. If this process hangs in
 * the middle of a batch, its rows become free for another relay.
 */
const beginSql = `
  begin;
  set local statement_timeout = '10s';
  set local idle_in_transaction_session_timeout = '120s'`;

/** Rows that another relay holds are skipped, not waited for: so several relays share the work without repeating it. */
const takeSql = `
  select id, event::text as event from outbox
  where next_attempt_at <= now() order by id limit $1 for update skip locked`;

/** Doubles from one second to thirty: long enough to spare a sick consumer, short enough for a broker that is back. */
const postponeSql = `
  update outbox
  set attempts = attempts + 1, next_attempt_at = clock_timestamp() + least(power(2, attempts), 30) * interval '1 second'
  where id = any($1::uuid[])`;

/**
 * Publishes one batch in one transaction: what the bus accepts is deleted, what it refuses is postponed without holding
 * up the rest. If the connection is lost before the commit, the events are published again: at least once.
 *
 * @returns how many events it took
 */
export async function relayBatch(client: ClientBase, bus: EventBus, logger: Logger, maxCount: number): Promise<number> {
  await client.query(beginSql);
  try {
    const { rows } = await client.query<OutboxRow>(takeSql, [maxCount]);
    const results = await Promise.allSettled(rows.map((row) => publish(bus, row)));
    const published: string[] = [];
    const refused: string[] = [];
    for (const [index, { id }] of rows.entries()) {
      const result = results[index];
      (result?.status === 'fulfilled' ? published : refused).push(id);
      if (result?.status === 'rejected') logger.warn({ err: result.reason as unknown, eventId: id }, 'event waits');
    }
    if (published.length > 0) await client.query('delete from outbox where id = any($1::uuid[])', [published]);
    if (refused.length > 0) await client.query(postponeSql, [refused]);
    await client.query('commit');
    return rows.length;
  } catch (error) {
    await client.query('rollback').catch((failure: unknown) => logger.debug({ err: failure }, 'rollback failed'));
    throw error;
  }
}

async function publish(bus: EventBus, { event }: OutboxRow): Promise<void> {
  await bus.publish([parseDomainEvent(event)]);
}
