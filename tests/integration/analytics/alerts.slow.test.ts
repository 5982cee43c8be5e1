import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { analyticsSubgraph } from '@tessera/analytics/subgraph';
import type { Principal } from '@tessera/service/identity';
import { withDatabase } from '@tessera/service/database';
import type { DomainEvent } from '@tessera/service/events';
import { eventually } from '../../support/eventually.js';
import { runSql } from '../../support/postgres-server.js';
import { aUser, startSubgraphHarness, type SubgraphHarness } from '../../support/subgraph-harness.js';
import { aTenant, callsOf, createAlertRule, nextOf, track } from './analytics-client.js';

interface Change {
  readonly alerts: {
    readonly id: string;
    readonly status: string;
    readonly value: number;
    readonly threshold: number;
    readonly startedAt: string;
    readonly endedAt: string | null;
    readonly rule: { readonly id: string; readonly name: string };
    readonly tenant: { readonly id: string };
  };
}

const subscription = `subscription { alerts { id status value threshold startedAt endedAt rule { id name } tenant { id } } }`;
const listQuery = `query ($status: AlertStatus) {
  alerts(status: $status) { totalCount nodes { id status endedAt rule { name } } } }`;

let harness: SubgraphHarness;
let opened: AsyncIterableIterator<unknown>[] = [];

beforeAll(async () => {
  harness = await startSubgraphHarness(analyticsSubgraph, { environment: { ALERT_EVALUATION_INTERVAL_MS: '100' } });
}, 60_000);

afterAll(async () => {
  await Promise.all(opened.map((results) => results.return?.()));
  await harness.stop();
});

/** Subscribes, and waits until it is told where the tenant's changes stand: from then on, none is missed. */
async function watch(principal: Principal): Promise<AsyncIterableIterator<unknown>> {
  const results = harness.subscribe(principal, subscription, {}, { lastEventId: null });
  opened = [...opened, results];
  const { value } = await results.next();
  expect(value).toEqual({ extensions: { eventId: '0' } });
  return results;
}

const nextChange = async (results: AsyncIterator<unknown>) => (await nextOf<Change>(results)).alerts;

describe('alerts', () => {
  test('an alert is pending, fires after its duration, and is resolved when the condition no longer holds', async () => {
    const { tenantId, admin } = aTenant();
    const changes = await watch(admin);
    // A window much longer than the duration: on a busy machine what counts must not be out of it before it has fired.
    const ruleId = await createAlertRule(harness, admin, { threshold: 5, windowSeconds: 8, forSeconds: 1 });

    await track(
      harness,
      admin,
      Array.from({ length: 8 }, () => ({})),
    );
    const [pending, firing, resolved] = [
      await nextChange(changes),
      await nextChange(changes),
      await nextChange(changes),
    ];

    expect([pending, firing, resolved].map(({ status }) => status)).toEqual(['PENDING', 'FIRING', 'RESOLVED']);
    expect(new Set([pending, firing, resolved].map(({ id }) => id)).size).toBe(1);
    expect(pending).toMatchObject({
      value: 8,
      threshold: 5,
      endedAt: null,
      rule: { id: ruleId },
      tenant: { id: tenantId },
    });
    expect(resolved).toMatchObject({ value: 0, startedAt: pending.startedAt });
    expect(Date.parse(resolved.endedAt ?? '') - Date.parse(pending.startedAt)).toBeGreaterThanOrEqual(1_500);
  }, 60_000);

  test('a rule without a duration still shows its alert pending before it fires', async () => {
    const { admin } = aTenant();
    const changes = await watch(admin);
    await createAlertRule(harness, admin, { threshold: 0, windowSeconds: 60, forSeconds: 0 });

    await track(harness, admin, [{}]);
    const [pending, firing] = [await nextChange(changes), await nextChange(changes)];

    expect([pending.status, firing.status]).toEqual(['PENDING', 'FIRING']);
  });

  test('a pending alert whose condition stops before its duration is resolved without having fired', async () => {
    const { admin } = aTenant();
    const changes = await watch(admin);
    await createAlertRule(harness, admin, { threshold: 0, windowSeconds: 1, forSeconds: 600 });

    // Again and again until it is seen: a busy machine may not look while an event is within its second.
    let isSeen = false;
    const seen = nextChange(changes).finally(() => (isSeen = true));
    await eventually(async () => {
      await track(harness, admin, [{}]);
      return isSeen;
    });
    const [pending, resolved] = [await seen, await nextChange(changes)];

    expect([pending.status, resolved.status]).toEqual(['PENDING', 'RESOLVED']);
  });

  test('an alert on a share of the requests goes on for a window without any, and is resolved after that', async () => {
    const { tenantId, admin } = aTenant();
    const changes = await watch(admin);
    const id = await createAlertRule(harness, admin, { measure: 'ERROR_RATE', threshold: 0.5, windowSeconds: 60 });
    const report = callsOf(tenantId, 7);
    await harness.deliver({ ...report, payload: { ...report.payload, errors: 7 } });
    expect([await nextChange(changes), await nextChange(changes)]).toMatchObject([{}, { status: 'FIRING', value: 1 }]);
    const happened = (secondsAgo: number) =>
      runSql(
        withDatabase(harness.adminUrl, 'tessera_analytics'),
        `update usage_sample set reported_at = now() - interval '${secondsAgo} s' where tenant_id = '${tenantId}'`,
      );

    await happened(90);
    await createAlertRule(harness, admin, { threshold: 0, windowSeconds: 3_600 });
    await track(harness, admin, [{}]);
    const other = [await nextChange(changes), await nextChange(changes)];
    await happened(150);

    // Rules were evaluated meanwhile: another one fired.
    expect(other.filter(({ rule }) => rule.id === id)).toEqual([]);
    expect(await nextChange(changes)).toMatchObject({ status: 'RESOLVED', value: 1, rule: { id } });
  });

  test('others are told when what fired is over, or its rule switched off, and not of what only was pending', async () => {
    const { tenantId, admin } = aTenant();
    const told: DomainEvent[] = [];
    harness.eventBus.subscribe({
      consumer: `alerts of ${tenantId}`,
      types: ['alert.fired', 'alert.resolved'],
      handle: async (event) => void (event.tenantId === tenantId && told.push(event)),
    });
    const [pending, ended, switchedOff] = [
      await createAlertRule(harness, admin, { threshold: 0, windowSeconds: 60, forSeconds: 600 }),
      await createAlertRule(harness, admin, { threshold: 0, windowSeconds: 60 }),
      await createAlertRule(harness, admin, { threshold: 0, windowSeconds: 60 }),
    ];
    const toldOf = (type: string) =>
      told.flatMap((event) => (event.type === type ? [String(event.payload['ruleId'])] : [])).sort();
    await track(harness, admin, [{}]);
    await eventually(() => toldOf('alert.fired').length === 2);
    const off = (id: string) =>
      harness.request(admin, `mutation { updateAlertRule(input: { id: "${id}", enabled: false }) { id } }`);

    await off(pending);
    await off(switchedOff);
    await eventually(() => toldOf('alert.resolved').length === 1);
    expect(toldOf('alert.resolved')).toEqual([switchedOff]);
    await runSql(
      withDatabase(harness.adminUrl, 'tessera_analytics'),
      `update event_second set second = second - interval '1 hour' where tenant_id = '${tenantId}'`,
    );
    await eventually(() => toldOf('alert.resolved').length === 2);

    expect(toldOf('alert.resolved')).toEqual([switchedOff, ended].sort());
    expect(told.at(-1)?.payload).toMatchObject({ ruleId: ended, ruleName: 'Too many', value: 0, threshold: 0 });
  });

  test('a rule on one kind of events does not count the others', async () => {
    const { admin } = aTenant();
    const changes = await watch(admin);
    await createAlertRule(harness, admin, { threshold: 1, eventName: 'order.failed' });
    await track(harness, admin, [{}, {}, {}, { name: 'order.failed' }]);

    await track(harness, admin, [{ name: 'order.failed' }]);

    expect(await nextChange(changes)).toMatchObject({ status: 'PENDING', value: 2 });
  });

  test('deleting a rule resolves its open alert, which goes on naming it', async () => {
    const { admin } = aTenant();
    const changes = await watch(admin);
    const ruleId = await createAlertRule(harness, admin, { threshold: 0, forSeconds: 600 });
    await track(harness, admin, [{}]);
    await nextChange(changes);

    await harness.request(admin, `mutation { deleteAlertRule(id: "${ruleId}") { id } }`);
    const resolved = await nextChange(changes);
    const rules = await harness.request(admin, '{ alertRules { totalCount } }');

    expect(resolved).toMatchObject({ status: 'RESOLVED', rule: { id: ruleId, name: 'Too many' } });
    expect(rules.data.alertRules.totalCount).toBe(0);
  });

  test('switching a rule off resolves its open alert, and switching it on evaluates it again', async () => {
    const { admin } = aTenant();
    const changes = await watch(admin);
    const id = await createAlertRule(harness, admin, { threshold: 0, forSeconds: 600 });
    const update = 'mutation ($input: UpdateAlertRuleInput!) { updateAlertRule(input: $input) { enabled threshold } }';
    await track(harness, admin, [{}]);
    const first = await nextChange(changes);

    const off = await harness.request(admin, update, { input: { id, enabled: false } });
    const resolved = await nextChange(changes);
    await harness.request(admin, update, { input: { id, enabled: true } });
    const again = await nextChange(changes);

    expect(off.data.updateAlertRule).toEqual({ enabled: false, threshold: 0 });
    expect([resolved.id, resolved.status]).toEqual([first.id, 'RESOLVED']);
    expect(again.status).toBe('PENDING');
    expect(again.id).not.toBe(first.id);
  });

  test('the list has what was raised, by state, with one query for all rules', async () => {
    const { admin } = aTenant();
    for (const threshold of [0, 1, 2]) await createAlertRule(harness, admin, { threshold, forSeconds: 600 });
    await track(harness, admin, [{}, {}, {}]);
    const list = (status?: string) => harness.request(admin, listQuery, { status });
    await eventually(async () => (await list()).data.alerts.totalCount === 3);
    harness.forgetQueries();

    const pending = await list('PENDING');
    const firing = await list('FIRING');

    expect(pending.data.alerts.nodes).toHaveLength(3);
    expect(firing.data.alerts).toEqual({ totalCount: 0, nodes: [] });
    expect(harness.queries.filter((sql) => /from "alert_rule"/.test(sql))).toHaveLength(1);
  });

  test('a subscriber of another tenant on the same instance hears nothing of it', async () => {
    const [a, b] = [aTenant(), aTenant()];
    const [changesOfA, changesOfB] = [await watch(a.admin), await watch(b.admin)];
    await createAlertRule(harness, a.admin, { threshold: 0 });
    await createAlertRule(harness, b.admin, { threshold: 1 });

    await track(harness, a.admin, [{}]);
    await nextChange(changesOfA);
    await nextChange(changesOfA);
    await track(harness, b.admin, [{}, {}]);

    expect(await nextChange(changesOfB)).toMatchObject({ status: 'PENDING', value: 2, tenant: { id: b.tenantId } });
  });

  test('what was never announced is delivered all the same', async () => {
    const { admin } = aTenant();
    const changes = await watch(admin);
    const { pubSub } = harness;
    const publish = pubSub.publish.bind(pubSub);
    pubSub.publish = async (channel, message) =>
      channel.startsWith('alerts:') ? undefined : publish(channel, message);
    try {
      await createAlertRule(harness, admin, { threshold: 0 });
      await track(harness, admin, [{}]);

      expect((await nextChange(changes)).status).toBe('PENDING');
      expect((await nextChange(changes)).status).toBe('FIRING');
    } finally {
      pubSub.publish = publish;
    }
  });

  test('many subscribers get every change, and one that leaves while nothing happens ends at once', async () => {
    const { tenantId, admin } = aTenant();
    const watchers = [await watch(admin), await watch(aUser({ tenantId }))];
    const leaving = harness.subscribe(aUser({ tenantId }), subscription);
    const neverComes = leaving.next();

    // It would wait for ever: nothing happens until later.
    await leaving.return?.();
    expect(((await neverComes).value as { data?: unknown } | undefined)?.data).toBeUndefined();
    await createAlertRule(harness, admin, { threshold: 0 });
    await track(harness, admin, [{}]);

    const seen = await Promise.all(
      watchers.map(async (results) => [await nextChange(results), await nextChange(results)]),
    );
    expect(seen.map((changes) => changes.map(({ status }) => status))).toEqual([
      ['PENDING', 'FIRING'],
      ['PENDING', 'FIRING'],
    ]);
  });
});
