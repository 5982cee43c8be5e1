import { sqlOf, type EntityManager } from '@tessera/service/database';
import { randomSlot } from '../usage/usage-slot.js';
import type { TrackedEvent } from './track-input.js';

export interface InsertedEvents {
  readonly accepted: number;
  /** The database's clock, in milliseconds since the epoch. */
  readonly receivedAtMs: number;
  /** Whether the tenant's plan limits events. */
  readonly isLimited: boolean;
}

/**
 * One statement for events, counters and the person's month of activity.
 *
 * Sorted, so that two calls with the same ids or names in another order wait for each other instead of deadlocking.
 */
const insertSql = `
  with incoming as (
    select * from jsonb_to_recordset($3::jsonb)
      as incoming (id uuid, "messageId" text, name text, properties jsonb, "occurredAt" timestamptz)
  ), inserted as (
    insert into event (tenant_id, id, message_id, name, properties, user_id, occurred_at, received_at)
    select $1::uuid, id, "messageId", name, properties, $2::uuid, "occurredAt", now()
    from incoming order by "messageId"
    on conflict (tenant_id, message_id) do nothing
    returning name
  ), counted as (
    insert into usage_day as known (tenant_id, day, slot, events)
    select $1::uuid, (now() at time zone 'UTC')::date, $4::smallint, count(*) from inserted having count(*) > 0
    on conflict (tenant_id, day, slot) do update set events = known.events + excluded.events
  ), counted_by_second as (
    insert into event_second as known (tenant_id, second, name, slot, events)
    select $1::uuid, date_trunc('second', now()), name, $4::smallint, count(*) from inserted group by name order by name
    on conflict (tenant_id, second, name, slot) do update set events = known.events + excluded.events
  ), active as (
    insert into active_user (tenant_id, month, user_id)
    select $1::uuid, date_trunc('month', now() at time zone 'UTC')::date, $2::uuid from inserted limit 1
    on conflict do nothing
  )
  select count(*)::integer as accepted, round(extract(epoch from now()) * 1000)::float8 as received_at_ms,
         exists (select from tenant_limits where tenant_id = $1::uuid and events is not null) as is_limited
  from inserted`;

interface InsertedRow {
  readonly accepted: number;
  readonly received_at_ms: number;
  readonly is_limited: boolean;
}

/** Stores those events that the tenant does not have yet. */
export async function insertEvents(
  entityManager: EntityManager,
  tenantId: string,
  userId: string,
  events: readonly TrackedEvent[],
): Promise<InsertedEvents> {
  const [row] = await sqlOf(entityManager)<InsertedRow>(insertSql, [
    tenantId,
    userId,
    JSON.stringify(events),
    randomSlot(),
  ]);
  return {
    accepted: row?.accepted ?? 0,
    receivedAtMs: row?.received_at_ms ?? 0,
    isLimited: row?.is_limited === true,
  };
}
