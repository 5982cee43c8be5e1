import { sqlOf, type EntityManager } from '@tessera/service/database';
import { nextMonth, type QuotaState } from '@tessera/service/quotas';
import { warnOfQuota } from './quota-warnings.js';

/** People are counted only where somebody new has come: there can be many of them. */
const readSql = `
  select version, api_calls::float8 as call_limit, active_users::float8 as user_limit,
         (select coalesce(sum(usage_day.api_calls), 0)::float8 from usage_day
          where usage_day.tenant_id = $1 and day >= date_trunc('month', now() at time zone 'UTC')::date) as calls,
         case when $2::boolean and active_users is not null then
           (select count(*)::float8 from active_user
            where active_user.tenant_id = $1 and month = date_trunc('month', now() at time zone 'UTC')::date)
         end as users,
         round(extract(epoch from now()) * 1000)::float8 as at_ms
  from tenant_limits where tenant_limits.tenant_id = $1`;

/** The version keeps one from writing that has read the limits of before. */
const markSql = `
  update tenant_limits
  set calls_exhausted_in = case when $3::boolean then date_trunc('month', now() at time zone 'UTC')::date end
  where tenant_id = $1 and version = $2 and (calls_exhausted_in is not null or $3::boolean)
    and calls_exhausted_in is distinct from
        case when $3::boolean then date_trunc('month', now() at time zone 'UTC')::date end`;

interface ReadRow {
  readonly version: number;
  readonly call_limit: number | null;
  readonly user_limit: number | null;
  readonly calls: number;
  readonly users: number | null;
  readonly at_ms: number;
}

/**
 * Compares what a tenant has used with its limits, in the transaction that counted it or changed the limits: warns, and
 * remembers whether there are API calls left.
 *
 * @param hasNewPeople whether people are to be counted too
 * @returns what gateways should know; undefined for a tenant of which no limits are known
 */
export async function judgeCalls(
  entityManager: EntityManager,
  tenantId: string,
  hasNewPeople: boolean,
): Promise<QuotaState | undefined> {
  const query = sqlOf(entityManager);
  const [row] = await query<ReadRow>(readSql, [tenantId, hasNewPeople]);
  if (row === undefined) return undefined;
  const { version, calls: used, call_limit: limit, users, user_limit: userLimit } = row;
  const at = new Date(row.at_ms);
  await warnOfQuota(entityManager, tenantId, { meter: 'API_CALLS', used, limit, at });
  if (users !== null) {
    await warnOfQuota(entityManager, tenantId, { meter: 'ACTIVE_USERS', used: users, limit: userLimit, at });
  }
  const isExhausted = limit !== null && used >= limit;
  await query(markSql, [tenantId, version, isExhausted]);
  return { tenantId, version, used, limit, isExhausted, resetsAt: nextMonth(at).toISOString() };
}
