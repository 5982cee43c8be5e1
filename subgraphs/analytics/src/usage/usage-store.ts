import { type EntityManager, isId, sqlOf } from '@tessera/service/database';
import type { TenantUsage } from '@tessera/service/metrics';
import type { DataScope } from '@tessera/service/tenancy';
import { randomSlot } from './usage-slot.js';

/** A tenant's usage in the current calendar month. */
export interface MonthlyUsage {
  readonly apiCalls: number;
  readonly apiErrors: number;
  readonly events: number;
  readonly activeUsers: number;
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
    on conflict do nothing
  )
  insert into usage_sample (tenant_id, id, reported_at, report) values ($1, $6, now(), $7)`;

const monthlySql = `
  select tenant_id::text as tenant_id, sum(api_calls)::float8 as api_calls, sum(api_errors)::float8 as api_errors,
         sum(events)::float8 as events,
         (select count(*)::integer from active_user
          where active_user.tenant_id = usage_day.tenant_id
            and month = date_trunc('month', now() at time zone 'UTC')::date) as active_users
  from usage_day
  where tenant_id = any($1::uuid[]) and day >= date_trunc('month', now() at time zone 'UTC')::date
  group by tenant_id`;

interface MonthlyRow {
  readonly tenant_id: string;
  readonly api_calls: number;
  readonly api_errors: number;
  readonly events: number;
  readonly active_users: number;
}

/** Adds one gateway's report to the tenant's counters, and keeps it for alert rules. Call it once a report. */
export async function recordUsage(
  entityManager: EntityManager,
  tenantId: string,
  reportId: string,
  usage: TenantUsage,
): Promise<void> {
  const userIds = usage.userIds.filter((userId) => isId(userId));
  await sqlOf(entityManager)(recordSql, [
    tenantId,
    randomSlot(),
    usage.requests,
    usage.errors,
    userIds,
    reportId,
    JSON.stringify(usage),
  ]);
}

/** This month's usage of several tenants, as far as the scope may see them. */
export async function readMonthlyUsage(
  scope: DataScope,
  tenantIds: readonly string[],
): Promise<ReadonlyMap<string, MonthlyUsage>> {
  const rows = await scope.read((entityManager) => sqlOf(entityManager)<MonthlyRow>(monthlySql, [[...tenantIds]]));
  return new Map(
    rows.map(({ tenant_id, api_calls, api_errors, events, active_users }) => [
      tenant_id,
      { apiCalls: api_calls, apiErrors: api_errors, events, activeUsers: active_users },
    ]),
  );
}
