import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { withDatabase } from '@tessera/service/database';
import type { Principal } from '@tessera/service/identity';
import { eventually } from '../../support/eventually.js';
import { runSql } from '../../support/postgres-server.js';
import { aTenant, createAlertRule, nextOf, track } from './analytics-client.js';
import { startCluster, type Cluster, type Instance } from './instances.js';

interface Change {
  readonly alerts: { readonly id: string; readonly status: string };
}

let cluster: Cluster;
let first: Instance;
let second: Instance;

beforeAll(async () => {
  cluster = await startCluster();
  [first, second] = [await cluster.startInstance(), await cluster.startInstance()];
}, 60_000);

afterAll(() => cluster.stop());

const admin = (sql: string) => runSql(withDatabase(cluster.postgres.adminUrl, 'tessera_analytics'), sql);

const rounds = async (instance: Instance) => {
  instance.forget();
  await eventually(() => instance.hasEvaluated());
};

/** The instance that evaluates, and the one that does not. */
async function roles(): Promise<readonly [Instance, Instance]> {
  first.forget();
  second.forget();
  await eventually(() => first.hasEvaluated() || second.hasEvaluated());
  return first.hasEvaluated() ? [first, second] : [second, first];
}

/** Subscribes on an instance; live numbers on the same instance say that it has got round to it. */
async function watch(instance: Instance, principal: Principal): Promise<AsyncIterableIterator<unknown>> {
  const changes = instance.subscribe(principal, 'subscription { alerts { id status } }');
  const live = instance.subscribe(principal, 'subscription { liveMetrics { at } }');
  await nextOf(live);
  await live.return?.();
  return changes;
}

async function statuses(changes: AsyncIterator<unknown>, count: number): Promise<string[]> {
  const seen: string[] = [];
  while (seen.length < count) seen.push((await nextOf<Change>(changes)).alerts.status);
  return seen;
}

describe('two instances on one database', () => {
  test('one of them evaluates, the other does not', async () => {
    const [evaluating, idle] = await roles();
    idle.forget();

    for (let round = 0; round < 5; round += 1) await rounds(evaluating);

    expect(idle.hasEvaluated()).toBe(false);
  });

  test('both deliver every change, each once and in order', async () => {
    const tenant = aTenant();
    const changes = [await watch(first, tenant.admin), await watch(second, tenant.admin)];
    await createAlertRule(first, tenant.admin, { threshold: 0, windowSeconds: 1 });

    await track(second, tenant.admin, [{}]);

    for (const results of changes) expect(await statuses(results, 3)).toEqual(['PENDING', 'FIRING', 'RESOLVED']);
    await Promise.all(changes.map((results) => results.return?.()));
  });

  test('an evaluator that vanished without a word is replaced when its lease is over', async () => {
    await admin(`update alert_evaluator set holder = '${randomUUID()}', seen_at = now()`);
    first.forget();
    second.forget();

    await eventually(() => first.hasEvaluated() || second.hasEvaluated(), 5_000);

    expect(first.hasEvaluated() && second.hasEvaluated()).toBe(false);
  });

  test('when the evaluating instance stops, the other goes on with the same alert at once', async () => {
    const tenant = aTenant();
    const [evaluating, survivor] = await roles();
    const changes = await watch(survivor, tenant.admin);
    await createAlertRule(survivor, tenant.admin, { threshold: 0, windowSeconds: 3, forSeconds: 1 });
    await track(survivor, tenant.admin, [{}]);
    const pending = await nextOf<Change>(changes);

    await evaluating.stop();
    survivor.forget();
    await eventually(() => survivor.hasEvaluated(), 900);
    const rest = [await nextOf<Change>(changes), await nextOf<Change>(changes)];

    expect(rest.map(({ alerts }) => alerts)).toEqual([
      { id: pending.alerts.id, status: 'FIRING' },
      { id: pending.alerts.id, status: 'RESOLVED' },
    ]);
    await changes.return?.();
  });

  test('alerts survive a restart of everything, without a change happening twice', async () => {
    const tenant = aTenant();
    const [last] = await roles();
    await createAlertRule(last, tenant.admin, { threshold: 0, windowSeconds: 3 });
    await track(last, tenant.admin, [{}]);
    const log = () => admin(`select status from alert_change where tenant_id = '${tenant.tenantId}' order by sequence`);
    await eventually(async () => (await log()).length === 2);
    await last.stop();

    const restarted = await cluster.startInstance();
    const changes = await watch(restarted, tenant.admin);

    expect(await statuses(changes, 1)).toEqual(['RESOLVED']);
    expect((await log()).map(({ status }) => status)).toEqual(['PENDING', 'FIRING', 'RESOLVED']);
    await changes.return?.();
  });
});
