import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { analyticsSubgraph } from '@tessera/analytics/subgraph';
import { withClient, withDatabase } from '@tessera/service/database';
import { createDomainEvent, type DomainEvent } from '@tessera/service/events';
import { encodePrincipal, servicePrincipal, signPrincipal, type Principal } from '@tessera/service/identity';
import {
  exhaustedQuotasPath,
  quotaChangesChannel,
  quotaWarningEventType,
  tenantLimitsEventType,
  type MeteredLimits,
} from '@tessera/service/quotas';
import { deadlocksOf } from '../../support/deadlocks.js';
import { eventually } from '../../support/eventually.js';
import {
  aUser,
  principalSecret,
  startSubgraphHarness,
  type GraphqlAnswer,
  type SubgraphHarness,
} from '../../support/subgraph-harness.js';
import { aTenant, callsOf, track } from './analytics-client.js';

let harness: SubgraphHarness;
const warnings: DomainEvent[] = [];

beforeAll(async () => {
  harness = await startSubgraphHarness(analyticsSubgraph);
  harness.eventBus.subscribe({
    consumer: 'test',
    types: [quotaWarningEventType],
    handle: async (event) => void warnings.push(event),
  });
}, 120_000);

afterAll(() => harness.stop(), 60_000);

const limitsOf = (tenantId: string, version: number, limits: Partial<MeteredLimits>): DomainEvent =>
  createDomainEvent({
    type: tenantLimitsEventType,
    tenantId,
    payload: {
      version,
      plan: 'some',
      limits: {
        apiCallsPerMonth: null,
        activeUsersPerMonth: null,
        eventsPerMonth: null,
        storageBytes: null,
        ...limits,
      },
    },
  });

async function metersOf(admin: Principal): Promise<Record<string, { used: number; limit: number | null }>> {
  const { data } = await harness.request(
    admin,
    `query ($id: ID!) { _entities(representations: [{ __typename: "Tenant", id: $id }]) {
      ... on Tenant { usage { meters { meter used limit resetsAt } } }
    } }`,
    { id: admin.tenantId },
  );
  const meters: { meter: string; used: number; limit: number | null }[] = data._entities[0].usage.meters;
  return Object.fromEntries(meters.map(({ meter, used, limit }) => [meter, { used, limit }]));
}

/** A busy machine may take longer than a client waits, or let in little: the same message again is stored once. */
async function trackUntilAnswered(
  instance: Pick<SubgraphHarness, 'request'>,
  admin: Principal,
  messageId: string,
): Promise<GraphqlAnswer<unknown>> {
  const answers: GraphqlAnswer<unknown>[] = [];
  await eventually(async () => {
    const answer = await track(instance, admin, [{ messageId }]).catch(() => undefined);
    if (answer === undefined || answer.errors?.[0]?.extensions.code === 'OVERLOADED') return false;
    return answers.push(answer) > 0;
  }, 200_000);
  return answers[0] ?? {};
}

const refusalsOf = (answers: readonly GraphqlAnswer<unknown>[]) =>
  answers.flatMap(({ errors = [] }) => errors.map(({ extensions }) => extensions));

/** What was warned of for a tenant, once there is so much of it. */
async function warningsOf(tenantId: string, count: number): Promise<readonly DomainEvent['payload'][]> {
  const found = () => warnings.filter((event) => event.tenantId === tenantId).map(({ payload }) => payload);
  await eventually(() => found().length >= count, 60_000);
  return found();
}

describe('the quota of events', () => {
  test('stores a batch whole or not at all, knows what comes again, and goes on with a larger plan', async () => {
    const { tenantId, admin } = aTenant();
    await harness.deliver(limitsOf(tenantId, 1, { eventsPerMonth: 3 }));
    const known = [{ messageId: 'a' }, { messageId: 'b' }];

    const first = await track(harness, admin, known);
    const tooMany = await track(harness, admin, [{ messageId: 'c' }, { messageId: 'd' }]);
    const again = await track(harness, admin, known);
    await harness.deliver(limitsOf(tenantId, 2, { eventsPerMonth: null }));
    const later = await track(harness, admin, [{ messageId: 'c' }, { messageId: 'd' }]);

    expect(first.data?.track).toEqual({ accepted: 2, duplicates: 0 });
    expect(refusalsOf([tooMany])).toMatchObject([{ details: { used: 2, limit: 3, requested: 2 } }]);
    expect(again.data?.track).toEqual({ accepted: 0, duplicates: 2 });
    expect(later.data?.track).toEqual({ accepted: 2, duplicates: 0 });
  });

  test('is passed by whoever comes next where one who was counting has died', async () => {
    const { tenantId, admin } = aTenant();
    await harness.deliver(limitsOf(tenantId, 1, { eventsPerMonth: 3 }));
    const database = withDatabase(harness.adminUrl, 'tessera_analytics');
    const answer = await withClient(database, async (dying) => {
      // What an instance holds in the middle of a call, until its connection ends.
      await dying.query('begin');
      await dying.query(`select pg_advisory_xact_lock(hashtextextended('events of ' || $1, 0))`, [tenantId]);
      const waiting = track(harness, admin, [{}]);
      await eventually(async () => {
        const { rows } = await withClient(database, (client) =>
          client.query(`select from pg_locks where locktype = 'advisory' and not granted`),
        );
        return rows.length === 1;
      }, 20_000);
      await dying.query('rollback');
      return waiting;
    });

    expect(answer.data?.track).toEqual({ accepted: 1, duplicates: 0 });
  }, 60_000);

  test('costs tenants nothing that have none', async () => {
    const { tenantId, admin } = aTenant();
    await harness.deliver(limitsOf(tenantId, 1, {}));
    harness.forgetQueries();

    await track(harness, admin, [{}]);

    expect(harness.queries.filter((sql) => /advisory/.test(sql))).toEqual([]);
  });
});

describe('the quota of API calls', () => {
  const listed = async (): Promise<readonly { tenantId: string; used: number }[]> => {
    const signed = { audience: 'analytics', method: 'GET', path: exhaustedQuotasPath, body: '' };
    const caller = { principal: encodePrincipal(servicePrincipal()) };
    const headers = { ...signPrincipal(principalSecret, signed, caller, Date.now()) };
    const response = await fetch(`${harness.url}${exhaustedQuotasPath}`, { headers });
    return (await response.json()) as { tenantId: string; used: number }[];
  };

  test('is used by what gateways report, each report once, and gateways hear when nothing is left', async () => {
    const { tenantId, admin } = aTenant();
    await harness.deliver(limitsOf(tenantId, 1, { apiCallsPerMonth: 100 }));
    const messages = harness.pubSub.subscribe(quotaChangesChannel);
    await messages.ready;
    const report = callsOf(tenantId, 60);

    await harness.deliver(report);
    await harness.deliver(report);
    expect(await metersOf(admin)).toMatchObject({ API_CALLS: { used: 60, limit: 100 } });
    await harness.deliver(callsOf(tenantId, 40));

    expect((await messages.next()).value).toMatchObject({ tenantId, version: 1, used: 100, isExhausted: true });
    expect(await listed()).toContainEqual(expect.objectContaining({ tenantId, used: 100, limit: 100 }));

    await harness.deliver(limitsOf(tenantId, 2, { apiCallsPerMonth: 1_000 }));
    expect((await messages.next()).value).toMatchObject({ tenantId, version: 2, isExhausted: false });
    expect((await listed()).map((state) => state.tenantId)).not.toContain(tenantId);
    await messages.close();
  });

  test('is not changed by limits that were overtaken, nor listed for anybody but gateways', async () => {
    const { tenantId, admin } = aTenant();
    for (const version of [2, 1, 2]) {
      await harness.deliver(limitsOf(tenantId, version, { apiCallsPerMonth: version * 10 }));
    }

    expect(await metersOf(admin)).toMatchObject({ API_CALLS: { used: 0, limit: 20 } });
    expect((await fetch(`${harness.url}${exhaustedQuotasPath}`)).status).toBe(401);
  });
});

describe('warnings', () => {
  test('come at 80 and at 100 per cent, once per meter, month and limit', async () => {
    const { tenantId, admin } = aTenant();
    const people = Array.from({ length: 4 }, () => aUser().userId);
    await harness.deliver(limitsOf(tenantId, 1, { apiCallsPerMonth: 10, activeUsersPerMonth: 5, eventsPerMonth: 2 }));

    await harness.deliver(callsOf(tenantId, 7));
    await harness.deliver(callsOf(tenantId, 1, people));
    await harness.deliver(callsOf(tenantId, 1));
    await harness.deliver(callsOf(tenantId, 5));
    await track(harness, admin, [{}, {}]);
    await harness.deliver(limitsOf(tenantId, 2, { apiCallsPerMonth: 16 }));

    const found = await warningsOf(tenantId, 5);
    expect(found.map(({ meter, percent, used, limit }) => [meter, percent, used, limit]).sort()).toEqual([
      ['ACTIVE_USERS', 80, 4, 5],
      ['API_CALLS', 100, 14, 10],
      ['API_CALLS', 80, 14, 16],
      ['API_CALLS', 80, 8, 10],
      ['EVENTS', 100, 2, 2],
    ]);
    expect(found[0]).toMatchObject({ period: expect.stringMatching(/^\d{4}-\d{2}$/), resetsAt: expect.any(String) });
  });
});

test('the quota of events lets exactly so many in of a hundred who track at once over two instances', async () => {
  // Last of all: another instance takes a part of the events from the outbox, for ears of its own.
  const another = await harness.startAnother();
  const { tenantId, admin } = aTenant();
  await harness.deliver(limitsOf(tenantId, 1, { eventsPerMonth: 30 }));

  const answers = await Promise.all(
    Array.from({ length: 100 }, (_none, index) =>
      trackUntilAnswered(index % 2 === 0 ? harness : another, admin, `message-${index}`),
    ),
  );

  const refusals = refusalsOf(answers);
  expect(refusals).toHaveLength(70);
  expect(refusals[0]).toMatchObject({ code: 'QUOTA_EXCEEDED', details: { meter: 'EVENTS', limit: 30, used: 30 } });
  expect(Date.parse(String(refusals[0]?.details?.['resetsAt']))).toBeGreaterThan(Date.now());
  expect(await metersOf(admin)).toMatchObject({ EVENTS: { used: 30, limit: 30 } });
  expect(await deadlocksOf('analytics', harness)).toBe(0);
}, 240_000);
