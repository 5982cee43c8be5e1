import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { analyticsSubgraph } from '@tessera/analytics/subgraph';
import { createDomainEvent, type DomainEvent } from '@tessera/service/events';
import { usageLatencyBoundsMs } from '@tessera/service/metrics';
import { aUser, startSubgraphHarness, type SubgraphHarness } from '../../support/subgraph-harness.js';
import { aTenant, codeOf, nextOf, track } from './analytics-client.js';

interface Live {
  readonly liveMetrics: Readonly<Record<string, number>>;
}

const subscription = `subscription ($intervalMs: Int! = 250) { liveMetrics(intervalMs: $intervalMs) {
  eventsPerSecond requestsPerSecond errorRate latencyP50Ms latencyP95Ms latencyP99Ms activeConnections activeUsers } }`;

const silence = {
  eventsPerSecond: 0,
  requestsPerSecond: 0,
  errorRate: 0,
  latencyP50Ms: 0,
  latencyP95Ms: 0,
  latencyP99Ms: 0,
  activeConnections: 0,
  activeUsers: 0,
};

let harness: SubgraphHarness;
let opened: AsyncIterableIterator<unknown>[] = [];

beforeAll(async () => {
  harness = await startSubgraphHarness(analyticsSubgraph);
}, 60_000);

afterAll(async () => {
  await Promise.all(opened.map((results) => results.return?.()));
  await harness.stop();
});

function watch(tenantId: string, intervalMs?: number): AsyncIterableIterator<unknown> {
  const results = harness.subscribe(aUser({ tenantId }), subscription, intervalMs === undefined ? {} : { intervalMs });
  opened = [...opened, results];
  return results;
}

/** Numbers until they fulfil a condition; the test's own deadline is the limit. */
async function liveUntil(
  results: AsyncIterator<unknown>,
  isMet: (live: Live['liveMetrics']) => boolean,
): Promise<Live['liveMetrics']> {
  for (;;) {
    const { liveMetrics } = await nextOf<Live>(results);
    if (isMet(liveMetrics)) return liveMetrics;
  }
}

/** A gateway's report of ten requests, one of them failed, nine answered within 10 ms and one within 1 s. */
function usageReport(tenantId: string, overrides: object = {}): DomainEvent {
  const latencyCounts = [...usageLatencyBoundsMs, Infinity].map((boundMs) =>
    boundMs === 10 ? 9 : boundMs === 1_000 ? 1 : 0,
  );
  const usage = { gatewayId: 'gateway-1', windowMs: 1_000, requests: 10, errors: 1, latencyCounts };
  const gauges = { activeConnections: 3, userIds: [randomUUID(), randomUUID()] };
  return createDomainEvent({ type: 'usage.reported', tenantId, payload: { ...usage, ...gauges, ...overrides } });
}

describe('live metrics', () => {
  test('the first numbers come at once, and are zeros where nothing happens', async () => {
    const { tenantId } = aTenant();
    const startedMs = performance.now();

    const first = await nextOf<Live>(watch(tenantId, 60_000));

    expect(first.liveMetrics).toEqual(silence);
    expect(performance.now() - startedMs).toBeLessThan(2_000);
  });

  test('tracked events show within a second, and once', async () => {
    const { tenantId, admin } = aTenant();
    const results = watch(tenantId);
    await nextOf(results);
    const startedMs = performance.now();

    await track(
      harness,
      admin,
      Array.from({ length: 1_000 }, () => ({})),
    );
    const live = await liveUntil(results, ({ eventsPerSecond }) => (eventsPerSecond ?? 0) > 0);

    expect(live['eventsPerSecond']).toBe(200);
    expect(performance.now() - startedMs).toBeLessThan(1_000);
  });

  test('who comes just after the events sees them too', async () => {
    const { tenantId, admin } = aTenant();
    await track(
      harness,
      admin,
      Array.from({ length: 1_000 }, () => ({})),
    );

    const first = await nextOf<Live>(watch(tenantId));

    expect(first.liveMetrics['eventsPerSecond']).toBe(200);
  });

  test('events leave the window after about five seconds', async () => {
    const { tenantId, admin } = aTenant();
    const results = watch(tenantId);
    await track(harness, admin, [{}, {}]);
    await liveUntil(results, ({ eventsPerSecond }) => (eventsPerSecond ?? 0) > 0);
    const startedMs = performance.now();

    await liveUntil(results, ({ eventsPerSecond }) => eventsPerSecond === 0);

    expect(performance.now() - startedMs).toBeLessThan(7_000);
  }, 15_000);

  test('reports of several gateways add up, and a gauge of the same gateway is replaced', async () => {
    const { tenantId } = aTenant();
    const results = watch(tenantId);
    await nextOf(results);
    const userIds = [randomUUID(), randomUUID()];

    await harness.deliver(usageReport(tenantId, { userIds, activeConnections: 100 }));
    await harness.deliver(usageReport(tenantId, { userIds }));
    await harness.deliver(usageReport(tenantId, { gatewayId: 'gateway-2', userIds: [userIds[0], randomUUID()] }));
    const live = await liveUntil(results, ({ requestsPerSecond }) => (requestsPerSecond ?? 0) > 5);

    expect(live).toMatchObject({ requestsPerSecond: 6, activeConnections: 6, activeUsers: 3 });
    expect(live['errorRate']).toBeCloseTo(0.1);
    expect(live['latencyP50Ms']).toBeGreaterThan(5);
    expect(live['latencyP50Ms']).toBeLessThanOrEqual(10);
    expect(live['latencyP99Ms']).toBeGreaterThan(500);
    expect(live['latencyP99Ms']).toBeLessThanOrEqual(1_000);
  });

  test('many subscribers of a tenant cost one look at the database', async () => {
    const { tenantId } = aTenant();
    await nextOf(watch(tenantId));
    harness.forgetQueries();

    await Promise.all(Array.from({ length: 20 }, () => nextOf(watch(tenantId))));

    expect(harness.queries.filter((sql) => /usage_sample/.test(sql) && /union all/.test(sql))).toEqual([]);
  });

  test('tenants on one instance see only their own numbers', async () => {
    const [a, b] = [aTenant(), aTenant()];
    const [resultsOfA, resultsOfB] = [watch(a.tenantId), watch(b.tenantId)];
    await Promise.all([nextOf(resultsOfA), nextOf(resultsOfB)]);

    await track(harness, a.admin, [{}]);
    await harness.deliver(usageReport(a.tenantId));
    await liveUntil(resultsOfA, (live) => (live['eventsPerSecond'] ?? 0) > 0 && (live['requestsPerSecond'] ?? 0) > 0);

    expect((await nextOf<Live>(resultsOfB)).liveMetrics).toEqual(silence);
    expect((await nextOf<Live>(resultsOfB)).liveMetrics).toEqual(silence);
  });

  test('a subscriber that leaves ends at once, whatever its interval, and frees the window', async () => {
    const { tenantId } = aTenant();
    const results = watch(tenantId, 60_000);
    await nextOf(results);
    const startedMs = performance.now();

    await results.return?.();
    harness.forgetQueries();
    await nextOf(watch(tenantId));

    expect(performance.now() - startedMs).toBeLessThan(2_000);
    expect(harness.queries.filter((sql) => /union all/.test(sql))).toHaveLength(1);
  });

  test.each([249, 60_001, -1])('an interval of %d ms is refused as bad input', async (intervalMs) => {
    const result = await watch(aTenant().tenantId, intervalMs).next();

    expect(codeOf(result.value as never)).toBe('BAD_USER_INPUT');
  });

  test('watching needs an active tenant', async () => {
    const results = harness.subscribe(aUser(), subscription);
    opened = [...opened, results];

    expect(codeOf((await results.next()).value as never)).toBe('PRECONDITION_FAILED');
  });
});

describe('usage of a tenant', () => {
  const usageQuery = `query ($ids: [_Any!]!) { _entities(representations: $ids) {
    ... on Tenant { id usage { apiCalls apiErrors events activeUsers } } } }`;
  const reference = (id: string) => ({ __typename: 'Tenant', id });

  test('a report counts once, however often it is delivered', async () => {
    const { tenantId, admin } = aTenant();
    const report = usageReport(tenantId, { userIds: [admin.userId, 'not an id', randomUUID()] });

    await harness.deliver(report);
    await harness.deliver(report);
    await track(harness, admin, [{}, {}, {}]);
    const answer = await harness.request(admin, usageQuery, { ids: [reference(tenantId)] });

    expect(answer.data._entities[0].usage).toEqual({ apiCalls: 10, apiErrors: 1, events: 3, activeUsers: 2 });
  });

  test('a report that makes no sense is dropped, not delivered for ever', async () => {
    const { tenantId, admin } = aTenant();

    await harness.deliver(usageReport(tenantId, { requests: -1 }));
    await harness.deliver(createDomainEvent({ type: 'usage.reported', payload: {} }));
    const answer = await harness.request(admin, usageQuery, { ids: [reference(tenantId)] });

    expect(answer.data._entities[0].usage).toEqual({ apiCalls: 0, apiErrors: 0, events: 0, activeUsers: 0 });
  });

  test('is null unless the tenant is the active one, and costs one query however often it is asked for', async () => {
    const [a, b] = [aTenant(), aTenant()];
    await harness.deliver(usageReport(a.tenantId));
    const references = [a, a, b, a].map(({ tenantId }) => reference(tenantId));
    harness.forgetQueries();

    const answer = await harness.request(b.admin, usageQuery, { ids: references });

    expect(answer.data._entities.map(({ usage }: { usage: unknown }) => usage === null)).toEqual([
      true,
      true,
      false,
      true,
    ]);
    expect(harness.queries.filter((sql) => /usage_day/.test(sql))).toHaveLength(1);
  });
});
