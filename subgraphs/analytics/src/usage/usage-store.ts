import { type EntityManager, isId, sqlOf } from '@tessera/service/database';
import type { DomainEvent } from '@tessera/service/events';
import type { TenantUsage } from '@tessera/service/metrics';
import type { DataScope } from '@tessera/service/tenancy';
import { randomSlot } from './usage-slot.js';

/** A tenant's usage in the current calendar month. */
export interface MonthlyUsage {
  readonly apiCalls: number;
  readonly apiErrors: number;
  readonly events: number;
  readonly activeUsers: number;
  /** What the plan allows; null where it does not limit it, or is not known. */
  readonly limits: {
    readonly apiCalls: number | null;
    readonly events: number | null;
    readonly activeUsers: number | null;
  };
  /** When this was read, by the database's clock. */
  readonly at: Date;
}

const recordSql = `
  with counted as (
    insert into usage_day as known (tenant_id, day, slot, api_calls, api_errors)
    values ($1, (now() at time zone 'UTC')::date, $2, $3, $4)
    on conflict (tenant_id, day, slot) do update
      set api_calls = known.api_calls + excluded.api_calls, api_errors = known.api_errors + excluded.api_errors
  ), active as (
    insert into active_user (tenant_id, month, user_id)
    select $1, date_trunc('month', now() at time zone 'UTC')::date, reported.user_id
    from unnest($5::uuid[]) as reported (user_id) order by reported.user_id
    on conflict do nothing returning user_id
  ), sampled as (
    insert into usage_sample (tenant_id, id, reported_at, report) values ($1, $6, least(now(), $7::timestamptz), $8)
  )
  select exists (select from active) as "hasNewPeople"`;

const monthlySql = `
  select wanted.id::text as tenant_id, used.api_calls, used.api_errors, used.events,
         (select count(*)::integer from active_user
          where active_user.tenant_id = wanted.id
            and month = date_trunc('month', now() at time zone 'UTC')::date) as active_users,
         tenant_limits.api_calls::float8 as call_limit, tenant_limits.events::float8 as event_limit,
         tenant_limits.active_users::float8 as user_limit, round(extract(epoch from now()) * 1000)::float8 as at_ms
  from unnest($1::uuid[]) as wanted (id)
  cross join lateral (
    select coalesce(sum(api_calls), 0)::float8 as api_calls, coalesce(sum(api_errors), 0)::float8 as api_errors,
           coalesce(sum(events), 0)::float8 as events
    from usage_day
    where usage_day.tenant_id = wanted.id and day >= date_trunc('month', now() at time zone 'UTC')::date
  ) as used
  left join tenant_limits on tenant_limits.tenant_id = wanted.id`;

interface MonthlyRow {
  readonly tenant_id: string;
  readonly api_calls: number;
  readonly api_errors: number;
  readonly events: number;
  readonly active_users: number;
  readonly call_limit: number | null;
  readonly event_limit: number | null;
  readonly user_limit: number | null;
  readonly at_ms: number;
}

/**
 * Adds one gateway's report to the tenant's counters, and keeps it for alert rules, which count it from when it was made, however
 * late it is handled. Call it once a report.
 *
 * @returns whether it names somebody who had done nothing in this month before
 */
export async function recordUsage(
  entityManager: EntityManager,
  tenantId: string,
  { id, occurredAt }: Pick<DomainEvent, 'id' | 'occurredAt'>,
  usage: TenantUsage,
): Promise<boolean> {
  const userIds = usage.userIds.filter((userId) => isId(userId));
  const [row] = await sqlOf(entityManager)<{ readonly hasNewPeople: boolean }>(recordSql, [
    tenantId,
    randomSlot(),
    usage.requests,
    usage.errors,
    userIds,
    id,
    occurredAt,
    JSON.stringify(usage),
  ]);
  return row?.hasNewPeople === true;
}

/** This month's usage of several tenants, as far as the scope may see them. */
export async function readMonthlyUsage(
  scope: DataScope,
  tenantIds: readonly string[],
): Promise<ReadonlyMap<string, MonthlyUsage>> {
  const rows = await scope.read((entityManager) => sqlOf(entityManager)<MonthlyRow>(monthlySql, [[...tenantIds]]));
  return new Map(
    rows.map((row) => [
      row.tenant_id,
      {
        apiCalls: row.api_calls,
        apiErrors: row.api_errors,
        events: row.events,
        activeUsers: row.active_users,
        limits: { apiCalls: row.call_limit, events: row.event_limit, activeUsers: row.user_limit },
        at: new Date(row.at_ms),
      },
    ]),
  );
}
