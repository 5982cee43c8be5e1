import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { analyticsSubgraph } from '@tessera/analytics/subgraph';
import { withClient, withDatabase } from '@tessera/service/database';
import { createDomainEvent, type DomainEvent } from '@tessera/service/events';
import type { Principal } from '@tessera/service/identity';
import { usageRequestEventType, usageSummaryEventType } from '@tessera/service/quotas';
import { eventually } from '../../support/eventually.js';
import { aUser, startSubgraphHarness, type SubgraphHarness } from '../../support/subgraph-harness.js';
import { aTenant, callsOf, codeOf, track } from './analytics-client.js';

let harness: SubgraphHarness;

beforeAll(async () => {
  harness = await startSubgraphHarness(analyticsSubgraph);
}, 120_000);

afterAll(() => harness.stop(), 60_000);

test('history has a row for each day, and is the tenant’s own', async () => {
  const { tenantId, admin } = aTenant();
  await track(harness, admin, [{}, {}]);
  await withClient(withDatabase(harness.adminUrl, 'tessera_analytics'), (client) =>
    client.query(
      `insert into usage_day (tenant_id, day, slot, api_calls)
       select $1, (now() at time zone 'UTC')::date - 2, slot, calls from (values (0, 3), (1, 4)) as used (slot, calls)`,
      [tenantId],
    ),
  );
  const historyQuery = `query ($id: ID!, $days: Int!) { _entities(representations: [{ __typename: "Tenant", id: $id }]) {
    ... on Tenant { usageHistory(days: $days) { day apiCalls apiErrors events } }
  } }`;
  const ask = (caller: Principal, days: number) => harness.request(caller, historyQuery, { id: tenantId, days });

  const own = await ask(admin, 3);

  const history: { apiCalls: number; events: number }[] = own.data._entities[0].usageHistory;
  expect(history.map(({ apiCalls, events }) => [apiCalls, events])).toEqual([
    [0, 2],
    [0, 0],
    [7, 0],
  ]);
  expect((await ask(aTenant().admin, 3)).data._entities).toEqual([{ usageHistory: null }]);
  expect(codeOf(await ask(admin, 401))).toBe('BAD_USER_INPUT');
});

/** What who bills is told of a tenant, from now on. */
function summariesOf(tenantId: string): readonly DomainEvent['payload'][] {
  const told: DomainEvent['payload'][] = [];
  harness.eventBus.subscribe({
    consumer: `billing of ${tenantId}`,
    types: [usageSummaryEventType],
    handle: async (event) => void (event.tenantId === tenantId && told.push(event.payload)),
  });
  return told;
}

/** The question of who bills, asked at such a time of this day, in UTC. */
const askedAt = (time: string): DomainEvent =>
  createDomainEvent({ type: usageRequestEventType, payload: {} }, () => new Date(`${today()}T${time}Z`));

test('who bills is told of each tenant once a question', async () => {
  const { tenantId, admin } = aTenant();
  await harness.deliver(callsOf(tenantId, 7, [admin.userId]));
  await track(harness, admin, [{}, {}]);
  const told = summariesOf(tenantId);
  const question = askedAt('13:07:00');

  await harness.deliver(question);
  await harness.deliver(question);

  await eventually(() => told.length > 0, 20_000);
  expect(told).toEqual([{ day: today(), isFinal: false, apiCalls: 7, apiErrors: 0, events: 2, activeUsersOfMonth: 1 }]);
});

test('through the first half of a day who bills is told of the day before too, so that a missed hour costs nothing', async () => {
  const { tenantId } = aTenant();
  await harness.deliver(callsOf(tenantId, 7));
  await sql(
    `insert into usage_day (tenant_id, day, slot, api_calls) select $1, (now() at time zone 'UTC')::date - ago, 0, 5 * ago
     from generate_series(1, 2) as ago`,
    tenantId,
  );
  const told = summariesOf(tenantId);
  const answers = async (time: string): Promise<unknown[]> => {
    const before = told.length;
    await harness.deliver(askedAt(time));
    await eventually(() => told.some(({ day }, index) => index >= before && day === today()), 20_000);
    return told.slice(before).map(({ day, isFinal, apiCalls }) => [day, isFinal, apiCalls]);
  };
  const soFar = [today(), false, 7];
  const whole = [new Date(Date.now() - 86_400_000).toISOString().slice(0, 10), true, 5];

  expect(await answers('00:07:00')).toEqual([whole, soFar]);
  expect(await answers('11:07:00')).toEqual([whole, soFar]);
  expect(await answers('12:07:00')).toEqual([soFar]);
});

const activityQuery = `query ($people: [_Any!]!) { _entities(representations: $people) {
  ... on User { id activity { lastActiveAt activeDays days { day apiCalls } } }
} }`;

interface Activity {
  readonly lastActiveAt: string;
  readonly activeDays: number;
  readonly days: readonly { readonly day: string; readonly apiCalls: number }[];
}

/** What a caller is told of people, in one question. */
async function activityOf(caller: Principal, ...ids: readonly string[]): Promise<readonly (Activity | null)[]> {
  const people = ids.map((id) => ({ __typename: 'User', id }));
  const { data } = await harness.request(caller, activityQuery, { people });
  return data._entities.map(({ activity }: { activity: Activity | null }) => activity);
}

const today = (): string => new Date().toISOString().slice(0, 10);

const sql = (text: string, ...values: readonly unknown[]) =>
  withClient(withDatabase(harness.adminUrl, 'tessera_analytics'), (client) => client.query(text, [...values]));

test('whose activity is whose: a person sees their own, who manages members all of the tenant, and nobody another tenant’s', async () => {
  const [tenant, other] = [aTenant(), aTenant()];
  const member = aUser({ tenantId: tenant.tenantId });
  const idle = aUser({ tenantId: tenant.tenantId });
  await harness.deliver(callsOf(tenant.tenantId, 3, [member.userId, member.userId]));
  await harness.deliver(callsOf(other.tenantId, 3, [other.admin.userId, tenant.admin.userId]));
  const active = { lastActiveAt: expect.any(String), activeDays: 1, days: [{ day: today(), apiCalls: 0 }] };
  const ids = [member.userId, idle.userId, other.admin.userId];

  harness.forgetQueries();
  const seenByAdmin = await activityOf(tenant.admin, ...ids);
  const reads = harness.queries.filter((text) => text.includes('from member_day'));

  expect(seenByAdmin).toEqual([active, null, null]);
  expect(reads).toHaveLength(1);
  expect(await activityOf(member, ...ids)).toEqual([active, null, null]);
  expect(await activityOf(idle, ...ids)).toEqual([null, null, null]);
  expect(await activityOf(other.admin, ...ids)).toEqual([null, null, active]);
  // What the administrator did in the other tenant is the other tenant's.
  expect(await activityOf(tenant.admin, tenant.admin.userId)).toEqual([null]);
  expect(await activityOf(aUser({ userId: member.userId }), ...ids)).toEqual([null, null, null]);
});

test('activity is written at most once in five minutes, and days add up', async () => {
  const { tenantId, admin } = aTenant();
  const { userId } = admin;
  const lastActive = async () => (await activityOf(admin, userId))[0]?.lastActiveAt;
  const report = () => harness.deliver(callsOf(tenantId, 1, [userId]));
  await report();
  const first = await lastActive();

  await report();
  const soon = await lastActive();
  await sql(
    `update member_day set last_active_at = last_active_at - interval '6 minutes' where tenant_id = $1`,
    tenantId,
  );
  await report();
  const later = await lastActive();
  await sql(
    `insert into member_day (tenant_id, user_id, day, last_active_at)
     select $1, $2, (now() at time zone 'UTC')::date - ago, now() - make_interval(days => ago) from unnest($3::int[]) as ago`,
    tenantId,
    userId,
    [1, 29, 30, 31],
  );

  expect(soon).toBe(first);
  expect(Date.parse(later ?? '')).toBeGreaterThan(Date.parse(first ?? ''));
  expect(await activityOf(admin, userId)).toMatchObject([{ lastActiveAt: later, activeDays: 3 }]);
});

test('calls of a person add up by day and tenant, once a report, and are told to them and to who manages members', async () => {
  const [tenant, other] = [aTenant(), aTenant()];
  const member = aUser({ tenantId: tenant.tenantId });
  const { userId } = member;
  const reports = [
    callsOf(
      tenant.tenantId,
      5,
      [userId, tenant.admin.userId],
      [
        [userId, 3],
        [tenant.admin.userId, 2],
        ['no id', 1],
      ],
    ),
    callsOf(tenant.tenantId, 4, [], [[userId, 4]]),
    callsOf(other.tenantId, 9, [userId], [[userId, 9]]),
  ];
  // Each comes twice: the broker may deliver again what was handled.
  for (const report of [...reports, ...reports]) await harness.deliver(report);
  await sql(
    `insert into member_day (tenant_id, user_id, day, last_active_at, api_calls)
     values ($1, $2, (now() at time zone 'UTC')::date - 1, now() - interval '1 day', 5000000000)`,
    ...[tenant.tenantId, userId],
  );

  const seen = (await activityOf(tenant.admin, userId, tenant.admin.userId)).map((activity) => activity?.days);

  const yesterday = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10);
  const days = [
    { day: today(), apiCalls: 7 },
    { day: yesterday, apiCalls: 5_000_000_000 },
  ];
  expect(seen).toEqual([days, [{ day: today(), apiCalls: 2 }]]);
  expect((await activityOf(member, userId))[0]?.days).toEqual(days);
  expect(await activityOf(member, tenant.admin.userId)).toEqual([null]);
  expect(await activityOf(aUser({ tenantId: tenant.tenantId }), userId)).toEqual([null]);
});

test('a hundred reports of the same people at once lose no call', async () => {
  const { tenantId, admin } = aTenant();
  const people = [admin.userId, ...Array.from({ length: 9 }, () => aUser({ tenantId }).userId)];
  const one = (userId: string): [string, number] => [userId, 1];
  const reports = Array.from({ length: 100 }, (_, index) =>
    callsOf(tenantId, 10, people, (index % 2 === 0 ? people : people.toReversed()).map(one)),
  );

  await Promise.all(reports.map((report) => harness.deliver(report)));

  const days = (await activityOf(admin, ...people)).map((activity) => activity?.days);
  expect(days).toEqual(people.map(() => [{ day: today(), apiCalls: 100 }]));
});

test('calls that are told late go to the day before, and make no row of who is not there any more', async () => {
  const { tenantId, admin } = aTenant();
  const [late, erased] = [aUser({ tenantId }).userId, aUser({ tenantId }).userId];
  await sql(
    `insert into member_day (tenant_id, user_id, day, last_active_at, api_calls)
     select $1, $2, (now() at time zone 'UTC')::date - ago, now(), 1 from unnest('{1,2}'::int[]) as ago`,
    ...[tenantId, late],
  );

  const report = callsOf(
    tenantId,
    0,
    [],
    [
      [late, 4],
      [erased, 9],
    ],
  );
  await harness.deliver({ ...report, payload: { ...report.payload, isOfPeopleAlone: true } });

  const [activity, nothing] = await activityOf(admin, late, erased);
  expect(activity?.days.map(({ apiCalls }) => apiCalls)).toEqual([5, 1]);
  expect(nothing).toBeNull();
  // Nor does the tenant get one, which may be gone too.
  const counted = await sql(
    'select from usage_day where tenant_id = $1 union all select from usage_sample where tenant_id = $1',
    tenantId,
  );
  expect(counted.rowCount).toBe(0);
});
