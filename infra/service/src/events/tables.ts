/**
 * The tables behind outbox and inbox, for the first migration of every subgraph. They hold no tenant's rows in the sense
 * of row-level security: only the service itself reads them, so they carry no policy.
 *
 * `next_attempt_at` is when the relay may try an event (again); `attempts` counts the failures so far.
 */
export const eventTablesSql: readonly string[] = [
  `create table outbox (
    id uuid primary key,
    type text not null,
    event jsonb not null,
    created_at timestamptz not null default now(),
    attempts integer not null default 0,
    next_attempt_at timestamptz not null default now()
  )`,
  `create table consumed_event (
    consumer text not null,
    event_id uuid not null,
    consumed_at timestamptz not null default now(),
    primary key (consumer, event_id)
  )`,
  `create index consumed_event_consumed_at on consumed_event (consumed_at)`,
  `create function notify_outbox() returns trigger language plpgsql as $$
  begin
    perform pg_notify('outbox', '');
    return null;
  end
  $$`,
  `create trigger outbox_notify after insert on outbox for each statement execute function notify_outbox()`,
];

/** Undoes {@link eventTablesSql}. */
export const dropEventTablesSql: readonly string[] = [
  'drop table outbox',
  'drop table consumed_event',
  'drop function notify_outbox()',
];

/**
 * What the service's own role may do with these tables, when default privileges do not say so already.
 *
 * @param role a plain role name; it is quoted
 */
export function eventTablesGrantsSql(role: string): readonly string[] {
  const quoted = `"${role.replaceAll('"', '""')}"`;
  return [
    `grant select, insert, update, delete on outbox to ${quoted}`,
    `grant select, insert, delete on consumed_event to ${quoted}`,
  ];
}
