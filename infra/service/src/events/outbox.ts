import type { DomainEvent } from './domain-event.js';
import type { SqlExecutor } from './sql-executor.js';

/**
 * Appends events to the outbox inside the caller's transaction: they are published if, and only if, it commits.
 * One statement for any number of events; none for none.
 */
export async function appendToOutbox(query: SqlExecutor, events: readonly DomainEvent[]): Promise<void> {
  if (events.length === 0) return;
  await query(
    `insert into outbox (id, type, event)
     select (event ->> 'id')::uuid, event ->> 'type', event from jsonb_array_elements($1::jsonb) as event`,
    [JSON.stringify(events)],
  );
}
