import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { analyticsSubgraph } from '@tessera/analytics/subgraph';
import { withClient, withDatabase } from '@tessera/service/database';
import { createDomainEvent } from '@tessera/service/events';
import type { Principal } from '@tessera/service/identity';
import { usageLatencyBoundsMs } from '@tessera/service/metrics';
import { eventually } from '../../support/eventually.js';
import { aUser, startSubgraphHarness, type SubgraphHarness } from '../../support/subgraph-harness.js';
import { aTenant, codeOf, createAlertRule, track } from './analytics-client.js';

let harness: SubgraphHarness;

beforeAll(async () => {
  harness = await startSubgraphHarness(analyticsSubgraph, { environment: { ALERT_EVALUATION_INTERVAL_MS: '100' } });
}, 60_000);

afterAll(() => harness.stop());

const fewerThan = (threshold: number) => ({ operator: 'LESS_THAN', threshold });

describe('alert rules', () => {
  test.each<[string, object]>([
    ['an empty name', { name: ' ' }],
    ['a window of nothing', { windowSeconds: 0 }],
    ['a window of a day', { windowSeconds: 86_400 }],
    ['a negative duration', { forSeconds: -1 }],
    ['an event name for requests', { measure: 'REQUESTS_PER_SECOND', eventName: 'a' }],
  ])('%s is refused as bad input', async (_case, input) => {
    const answer = await harness.request(
      aTenant().admin,
      'mutation ($input: CreateAlertRuleInput!) { createAlertRule(input: $input) { id } }',
      { input: { name: 'n', measure: 'EVENT_COUNT', operator: 'GREATER_THAN', threshold: 1, ...input } },
    );

    expect(codeOf(answer)).toBe('BAD_USER_INPUT');
  });

  test.each<[string, object, string]>([
    ['a rate of errors above 5', { measure: 'ERROR_RATE', threshold: 5 }, 'ERROR_RATE is 0 to 1'],
    ['a rate of errors above all of them', { measure: 'ERROR_RATE', threshold: 1 }, 'ERROR_RATE is 0 to 1'],
    ['a latency above 10 s', { measure: 'LATENCY_P95_MS', threshold: 10_000 }, 'LATENCY_P95_MS is 0 to 5000'],
    ['fewer than no requests', { measure: 'REQUESTS_PER_SECOND', ...fewerThan(0) }, 'REQUESTS_PER_SECOND is 0 or more'],
    ['more than less than nothing', { threshold: -1 }, 'EVENT_COUNT is 0 or more'],
  ])('%s is refused, with what the measure can be', async (_case, input, range) => {
    const { admin } = aTenant();

    await expect(createAlertRule(harness, admin, input)).rejects.toThrow(new RegExp(`BAD_USER_INPUT.*${range}`));
  });

  test('rules on requests have windows of at least 10 s, but those from before go on and can be changed', async () => {
    const { admin } = aTenant();
    const ofLatency = { measure: 'LATENCY_P95_MS', threshold: 100 };
    const update = 'mutation ($input: UpdateAlertRuleInput!) { updateAlertRule(input: $input) { windowSeconds } }';
    const tooShort = /BAD_USER_INPUT.*at least 10 for LATENCY_P95_MS/;

    await expect(createAlertRule(harness, admin, { ...ofLatency, windowSeconds: 9 })).rejects.toThrow(tooShort);
    await createAlertRule(harness, admin, { windowSeconds: 1 });
    const id = await createAlertRule(harness, admin, { ...ofLatency, windowSeconds: 10 });
    const change = (changes: object) => harness.request(admin, update, { input: { id, ...changes } });
    expect(codeOf(await change({ windowSeconds: 9 }))).toBe('BAD_USER_INPUT');

    await withClient(withDatabase(harness.adminUrl, 'tessera_analytics'), (client) =>
      client.query('update alert_rule set window_seconds = 1 where id = $1', [id]),
    );
    expect((await change({ threshold: 200 })).data.updateAlertRule).toEqual({ windowSeconds: 1 });
  });

  test('thresholds at which a rule can fire are taken, up to the last', async () => {
    const { admin } = aTenant();
    const created = [
      { measure: 'ERROR_RATE', threshold: 0.999 },
      { measure: 'ERROR_RATE', ...fewerThan(1) },
      { measure: 'LATENCY_P99_MS', threshold: 4_999 },
      { measure: 'EVENT_COUNT', threshold: 1e9 },
    ].map((input) => createAlertRule(harness, admin, input));

    expect(await Promise.all(created)).toHaveLength(4);
  });

  test('a change is refused that makes a rule one that can never fire', async () => {
    const { admin } = aTenant();
    const id = await createAlertRule(harness, admin, { measure: 'ERROR_RATE', ...fewerThan(1) });
    const update = 'mutation ($input: UpdateAlertRuleInput!) { updateAlertRule(input: $input) { threshold } }';
    const change = (changes: object) => harness.request(admin, update, { input: { id, ...changes } });

    const [higher, other] = [await change({ threshold: 5 }), await change({ operator: 'GREATER_THAN' })];

    expect([codeOf(higher), codeOf(other)]).toEqual(['BAD_USER_INPUT', 'BAD_USER_INPUT']);
    expect((await change({ operator: 'GREATER_THAN', threshold: 0.5 })).data.updateAlertRule.threshold).toBe(0.5);
  });

  test('a rule from before thresholds were checked can be renamed and switched off', async () => {
    const { admin } = aTenant();
    const id = await createAlertRule(harness, admin, { measure: 'ERROR_RATE', threshold: 0.5 });
    await withClient(withDatabase(harness.adminUrl, 'tessera_analytics'), (client) =>
      client.query('update alert_rule set threshold = 5 where id = $1', [id]),
    );
    const update = `mutation { updateAlertRule(input: { id: "${id}", name: "Old", enabled: false }) { name threshold } }`;

    const answer = await harness.request(admin, update);

    expect(answer.data.updateAlertRule).toEqual({ name: 'Old', threshold: 5 });
  });

  test('members may read them, administrators alone may manage them', async () => {
    const { tenantId, admin } = aTenant();
    const id = await createAlertRule(harness, admin);
    const member = aUser({ tenantId });

    const read = await harness.request(member, `{ alertRule(id: "${id}") { id measure operator enabled } }`);
    const deleted = await harness.request(member, `mutation { deleteAlertRule(id: "${id}") { id } }`);

    expect(read.data.alertRule).toEqual({ id, measure: 'EVENT_COUNT', operator: 'GREATER_THAN', enabled: true });
    expect(codeOf(deleted)).toBe('FORBIDDEN');
  });

  test('rules are changed in part, and listed with the newest first', async () => {
    const { admin } = aTenant();
    const [older, newer] = [await createAlertRule(harness, admin), await createAlertRule(harness, admin)];
    const update = `mutation { updateAlertRule(input: { id: "${older}", name: "Renamed", forSeconds: 30 }) { id } }`;

    await harness.request(admin, update);
    const answer = await harness.request(admin, '{ alertRules { nodes { id name threshold forSeconds } } }');

    expect(answer.data.alertRules.nodes).toEqual([
      { id: newer, name: 'Too many', threshold: 5, forSeconds: 0 },
      { id: older, name: 'Renamed', threshold: 5, forSeconds: 30 },
    ]);
  });

  test('a tenant has a bounded number of rules, however many are created at once', async () => {
    const { tenantId, admin } = aTenant();
    await withClient(withDatabase(harness.adminUrl, 'tessera_analytics'), (client) =>
      client.query(
        `insert into alert_rule (id, tenant_id, name, measure, operator, threshold, window_seconds, for_seconds, enabled,
           revision, created_at, updated_at)
         select gen_random_uuid(), $1, 'Too many', 'EVENT_COUNT', 'GREATER_THAN', 5, 60, 0, true, 1, now(), now()
         from generate_series(1, 190)`,
        [tenantId],
      ),
    );

    const created = await Promise.allSettled(Array.from({ length: 30 }, () => createAlertRule(harness, admin)));

    const refused = created.flatMap((result) => (result.status === 'rejected' ? [String(result.reason)] : []));
    expect(refused).toHaveLength(20);
    expect(refused.filter((reason) => !reason.includes('QUOTA_EXCEEDED'))).toEqual([]);
    const rules = await harness.request(admin, '{ alertRules { totalCount } }');
    expect(rules.data.alertRules.totalCount).toBe(200);
  });
});

describe('rules on events', () => {
  test('a rate is measured over the time that was counted', async () => {
    const { admin } = aTenant();
    await createAlertRule(harness, admin, { measure: 'EVENTS_PER_SECOND', threshold: 1, windowSeconds: 10 });

    await track(
      harness,
      admin,
      Array.from({ length: 110 }, () => ({})),
    );
    const list = () => harness.request(admin, '{ alerts(status: FIRING) { nodes { value } } }');
    await eventually(async () => (await list()).data.alerts.nodes.length === 1);

    const [{ value }] = (await list()).data.alerts.nodes;
    expect(value).toBeGreaterThan(10);
    expect(value).toBeLessThanOrEqual(11);
  });
});

describe('rules on requests', () => {
  /** 100 requests of two gateways, ten failed, 90 answered within 10 ms and ten within 1 s. */
  async function reportUsage(tenantId: string): Promise<void> {
    for (const gatewayId of ['gateway-1', 'gateway-2']) {
      const latencyCounts = [...usageLatencyBoundsMs, Infinity].map((boundMs) =>
        boundMs === 10 ? 45 : boundMs === 1_000 ? 5 : 0,
      );
      const counts = { gatewayId, windowMs: 1_000, requests: 50, errors: 5, latencyCounts };
      const payload = { ...counts, activeConnections: 1, userIds: [randomUUID()] };
      await harness.deliver(createDomainEvent({ type: 'usage.reported', tenantId, payload }));
    }
  }

  test.each([
    ['REQUESTS_PER_SECOND', 9, 10],
    ['ERROR_RATE', 0.05, 0.1],
    ['LATENCY_P50_MS', 5, 5 + (5 * 50) / 90],
    ['LATENCY_P95_MS', 700, 750],
    ['LATENCY_P99_MS', 900, 950],
  ])('%s is measured over all gateways', async (measure, threshold, value) => {
    const { tenantId, admin } = aTenant();
    await createAlertRule(harness, admin, { measure, threshold, windowSeconds: 10 });

    await reportUsage(tenantId);
    const list = () => harness.request(admin, '{ alerts(status: FIRING) { nodes { value } } }');
    await eventually(async () => (await list()).data.alerts.nodes.length === 1);

    expect((await list()).data.alerts.nodes[0].value).toBeCloseTo(value);
  });

  /** What one gateway reports, of so long a time and from when. */
  async function report(tenantId: string, counts: object, occurredAt = new Date()): Promise<void> {
    const latencyCounts = [...usageLatencyBoundsMs, Infinity].map(() => 0);
    const payload = { gatewayId: 'gateway-1', windowMs: 1_000, errors: 0, latencyCounts, ...counts };
    const gauges = { activeConnections: 1, userIds: [] };
    const event = { type: 'usage.reported', tenantId, payload: { ...payload, ...gauges } };
    await harness.deliver(createDomainEvent(event, () => occurredAt));
  }

  const firstFiring = async (admin: Principal): Promise<number> => {
    const list = () => harness.request(admin, '{ alerts(status: FIRING) { nodes { value } } }');
    await eventually(async () => (await list()).data.alerts.nodes.length === 1);
    return (await list()).data.alerts.nodes[0].value as number;
  };

  test('a report of a longer time than the window counts with the window’s share of it', async () => {
    const { tenantId, admin } = aTenant();
    await createAlertRule(harness, admin, { measure: 'REQUESTS_PER_SECOND', threshold: 1, windowSeconds: 60 });

    await report(tenantId, { windowMs: 600_000, requests: 6_000 });

    expect(await firstFiring(admin)).toBeCloseTo(10);
  });

  test('a long report and a short one have the shares of errors that they had', async () => {
    const { tenantId, admin } = aTenant();
    const latencyCounts = (atMs: number, count: number) => ({
      latencyCounts: [...usageLatencyBoundsMs, Infinity].map((boundMs) => (boundMs === atMs ? count : 0)),
    });
    await report(tenantId, { windowMs: 600_000, requests: 1_000, errors: 1_000, ...latencyCounts(1_000, 1_000) });
    await report(tenantId, { requests: 300, ...latencyCounts(1, 300) });
    await createAlertRule(harness, admin, { measure: 'ERROR_RATE', threshold: 0.1, windowSeconds: 60 });

    expect(await firstFiring(admin)).toBeCloseTo(0.25);
    await createAlertRule(harness, admin, { measure: 'LATENCY_P50_MS', threshold: 500, windowSeconds: 60 });
    await createAlertRule(harness, admin, { measure: 'LATENCY_P95_MS', threshold: 500, windowSeconds: 60 });
    const ofLatency = `{ alerts(status: FIRING) { nodes { rule { measure } } } }`;
    const measures = async () =>
      (await harness.request(admin, ofLatency)).data.alerts.nodes.map(
        ({ rule }: { rule: { measure: string } }) => rule.measure,
      );
    await eventually(async () => (await measures()).length === 2);
    expect(await measures()).toEqual(['LATENCY_P95_MS', 'ERROR_RATE']);
  });

  test('a report counts from when it was made, which is never in the future', async () => {
    const { tenantId, admin } = aTenant();
    const hourMs = 3_600_000;
    await createAlertRule(harness, admin, { measure: 'REQUESTS_PER_SECOND', threshold: 0, windowSeconds: 60 });

    await report(tenantId, { requests: 6_000 }, new Date(Date.now() - hourMs));
    await report(tenantId, { requests: 60 }, new Date(Date.now() + hourMs));

    expect(await firstFiring(admin)).toBeCloseTo(1);
    const stored = await withClient(withDatabase(harness.adminUrl, 'tessera_analytics'), (client) =>
      client.query('select from usage_sample where tenant_id = $1 and reported_at > now()', [tenantId]),
    );
    expect(stored.rowCount).toBe(0);
  });

  test('no requests are few requests, but neither errors nor slow', async () => {
    const { admin } = aTenant();
    const below = { operator: 'LESS_THAN', threshold: 1 };
    await createAlertRule(harness, admin, { ...below, measure: 'ERROR_RATE' });
    await createAlertRule(harness, admin, { ...below, measure: 'LATENCY_P95_MS' });
    await createAlertRule(harness, admin, { ...below, measure: 'REQUESTS_PER_SECOND' });

    const list = () => harness.request(admin, '{ alerts { nodes { value rule { measure } } } }');
    await eventually(async () => (await list()).data.alerts.nodes.length > 0);

    expect((await list()).data.alerts.nodes).toEqual([{ value: 0, rule: { measure: 'REQUESTS_PER_SECOND' } }]);
  });
});
