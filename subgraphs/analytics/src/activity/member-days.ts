import { isId, sqlOf, type EntityManager } from '@tessera/service/database';
import type { DataScope } from '@tessera/service/tenancy';
import DataLoader from 'dataloader';

/** How exactly it is known when somebody was active last: a write for each report would cost more than it tells. */
const exactSeconds = 5 * 60;
/** The days of which it is told on how many somebody was active, today included. */
const toldDays = 30;

/** When a person was active in the active tenant. */
export interface MemberActivity {
  readonly lastActiveAt: Date;
  readonly activeDays: number;
  /** Of the days on which they were active, the last one first. */
  readonly days: readonly MemberDay[];
}

export interface MemberDay {
  /** As `2026-11-21`. */
  readonly day: string;
  readonly apiCalls: number;
}

/** Only what is news is written, and only its rows are locked: gateways report the same people every second. */
const recordSql = `
  insert into member_day as known (tenant_id, user_id, day, last_active_at)
  select $1::uuid, reported.user_id, (now() at time zone 'UTC')::date, now() from unnest($2::uuid[]) as reported (user_id)
  where not exists (
    select from member_day where member_day.tenant_id = $1::uuid and member_day.user_id = reported.user_id
      and day = (now() at time zone 'UTC')::date and last_active_at > now() - make_interval(secs => $3))
  order by reported.user_id
  on conflict (tenant_id, user_id, day) do update set last_active_at = excluded.last_active_at
    where known.last_active_at < excluded.last_active_at`;

/** Remembers who did something in a tenant, in the transaction that takes in a gateway's report. */
export async function recordActivity(
  entityManager: EntityManager,
  tenantId: string,
  userIds: readonly string[],
): Promise<void> {
  const known = [...new Set(userIds)].filter(isId);
  if (known.length > 0) await sqlOf(entityManager)(recordSql, [tenantId, known, exactSeconds]);
}

/**
 * Who called was active, and has a row: calls that are told after somebody was erased make none. Those of before midnight go to the
 * day before. Rows are locked in one order, whichever gateways report the same people.
 */
const recordCallsSql = `
  with reported as (
    select user_id, sum(calls) as calls from unnest($2::uuid[], $3::bigint[]) as told (user_id, calls) group by user_id
  ), counted as (
    select user_id, day, calls from member_day join reported using (user_id)
    where tenant_id = $1::uuid and day = (
      select max(day) from member_day as latest where latest.tenant_id = $1::uuid and latest.user_id = reported.user_id
        and day >= (now() at time zone 'UTC')::date - 1)
    order by user_id for update of member_day
  )
  update member_day set api_calls = api_calls + counted.calls from counted
  where tenant_id = $1::uuid and member_day.user_id = counted.user_id and member_day.day = counted.day`;

/** Adds how often people called to their day, after {@link recordActivity} in its transaction. Call it once a report. */
export async function recordCalls(
  entityManager: EntityManager,
  tenantId: string,
  userCalls: readonly (readonly [userId: string, calls: number])[],
): Promise<void> {
  const known = userCalls.filter(([userId]) => isId(userId));
  if (known.length === 0) return;
  const [userIds, calls] = [known.map(([userId]) => userId), known.map(([, count]) => count)];
  await sqlOf(entityManager)(recordCallsSql, [tenantId, userIds, calls]);
}

const readSql = `
  select user_id::text as "userId", round(extract(epoch from max(last_active_at)) * 1000)::float8 as "lastActiveMs",
         count(*) filter (where day > (now() at time zone 'UTC')::date - $2::int)::int as "activeDays",
         coalesce(json_agg(json_build_object('day', day, 'apiCalls', api_calls) order by day desc)
           filter (where day > (now() at time zone 'UTC')::date - $2::int), '[]') as days
  from member_day where user_id = any($1::uuid[]) and tenant_id = $3 group by user_id`;

interface ActivityRow {
  readonly userId: string;
  readonly lastActiveMs: number;
  readonly activeDays: number;
  readonly days: readonly MemberDay[];
}

/** What is known of people in the active tenant; null of who has done nothing there, and of whom it is not to be told. */
export function createMemberActivityLoader(
  scope: DataScope,
  tenantId: string | undefined,
): DataLoader<string, MemberActivity | null> {
  return new DataLoader(async (userIds) => {
    const asked = userIds.filter(isId);
    if (tenantId === undefined || asked.length === 0) return userIds.map(() => null);
    const rows = await scope.readStale((entityManager) =>
      sqlOf(entityManager)<ActivityRow>(readSql, [asked, toldDays, tenantId]),
    );
    const byUser = new Map(
      rows.map(({ userId, lastActiveMs, activeDays, days }) => [
        userId,
        { lastActiveAt: new Date(lastActiveMs), activeDays, days },
      ]),
    );
    return userIds.map((userId) => byUser.get(userId) ?? null);
  });
}
