import { sqlOf, type EntityManager } from '@tessera/service/database';
import { monthOf, nextMonth, quotaExceeded } from '@tessera/service/quotas';
import { warnOfQuota } from './quota-warnings.js';

/** Calls of one tenant pass one after the other; it ends with the transaction, also with one whose process died. */
const lockSql = `select pg_advisory_xact_lock(hashtextextended('events of ' || $1, 0))`;

/** A statement of its own after the lock, so that it sees what the one before has committed. */
const countSql = `
  select (select events::float8 from tenant_limits where tenant_id = $1) as quota, coalesce(sum(events), 0)::float8 as used,
         round(extract(epoch from now()) * 1000)::float8 as at_ms
  from usage_day where tenant_id = $1 and day >= date_trunc('month', now() at time zone 'UTC')::date`;

interface CountRow {
  readonly quota: number | null;
  readonly used: number;
  readonly at_ms: number;
}

/**
 * Asserts that a tenant may store the events that the caller's transaction has just counted. What is counted is all that is
 * ever looked at: there is no second number that could be another one. Call it last, for others wait until the commit.
 *
 * @param accepted how many these are, for what was used before
 * @throws AppError `QUOTA_EXCEEDED`; the transaction stores nothing then
 */
export async function assertEventQuota(
  entityManager: EntityManager,
  tenantId: string,
  accepted: number,
): Promise<void> {
  const query = sqlOf(entityManager);
  await query(lockSql, [tenantId]);
  const [row] = await query<CountRow>(countSql, [tenantId]);
  if (row === undefined || row.quota === null) return;
  const at = new Date(row.at_ms);
  const { used, quota: limit } = row;
  if (used <= limit) return warnOfQuota(entityManager, tenantId, { meter: 'EVENTS', used, limit, at });
  const exceeded = { meter: 'EVENTS', limit, used: used - accepted, resetsAt: nextMonth(at) } as const;
  throw quotaExceeded(`The tenant’s plan allows ${limit} events in ${monthOf(at)}`, exceeded, { requested: accepted });
}
