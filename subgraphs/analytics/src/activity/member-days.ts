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

const readSql = `
  select user_id::text as "userId", round(extract(epoch from max(last_active_at)) * 1000)::float8 as "lastActiveMs",
         count(*) filter (where day > (now() at time zone 'UTC')::date - $2::int)::int as "activeDays"
  from member_day where user_id = any($1::uuid[]) and tenant_id = $3 group by user_id`;

interface ActivityRow {
  readonly userId: string;
  readonly lastActiveMs: number;
  readonly activeDays: number;
}

/** What is known of people in the active tenant; null of who has done nothing there, and of whom it is not to be told. */
export function createMemberActivityLoader(
  scope: DataScope,
  tenantId: string | undefined,
): DataLoader<string, MemberActivity | null> {
  return new DataLoader(async (userIds) => {
    const asked = userIds.filter(isId);
    if (tenantId === undefined || asked.length === 0) return userIds.map(() => null);
    const rows = await scope.read((entityManager) =>
      sqlOf(entityManager)<ActivityRow>(readSql, [asked, toldDays, tenantId]),
    );
    const byUser = new Map(
      rows.map(({ userId, lastActiveMs, activeDays }) => [
        userId,
        { lastActiveAt: new Date(lastActiveMs), activeDays },
      ]),
    );
    return userIds.map((userId) => byUser.get(userId) ?? null);
  });
}
