import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createApolloPlanner } from '@tessera/gateway/planning/apollo-planner';
import { createPlanner } from '@tessera/gateway/planning/create-planner';
import type { HostReply } from '@tessera/gateway/planning/hosts/host-messages';
import { openProcessHost } from '@tessera/gateway/planning/hosts/process-host';
import { openThreadHost } from '@tessera/gateway/planning/hosts/thread-host';
import { createNativeHosts } from '@tessera/gateway/planning/native-hosts';
import { createNativePlanner } from '@tessera/gateway/planning/native-planner';
import type { HostedPlanner } from '@tessera/gateway/planning/planner';
import { loadSupergraph, type Supergraph } from '@tessera/gateway/planning/supergraph';
import { createLeftovers, type Leftovers } from '../../support/leftovers.js';
import { compose, type SubgraphDefinition } from '../support/federation.js';
import { bombable, nested } from '../support/planner-bombs.js';
import { shop } from '../support/shop.js';

const over = (definitions: Readonly<Record<string, SubgraphDefinition>>): Supergraph =>
  loadSupergraph(
    compose(
      Object.fromEntries(
        Object.entries(definitions).map(([name, { typeDefs }]) => [name, { typeDefs, url: `http://${name}.test` }]),
      ),
    ),
  );

const endless = `{ node { ${nested(9, 'next', 'name')} } }`;
const { signal } = new AbortController();

const entries = new URL('../../../gateway/dist/planning/hosts/', import.meta.url);

test.each([
  ['process', openProcessHost, 'native-host.js'],
  ['thread', openThreadHost, 'apollo-host.js'],
] as const)('a %s that plans without end is gone at once when it is killed', async (_name, open, entry) => {
  const loaded = Promise.withResolvers<HostReply>();
  const ended = Promise.withResolvers<string>();
  const link = open(new URL(entry, entries), { reply: loaded.resolve, ended: ended.resolve });
  link.hold();
  link.post({ kind: 'load', supergraphSdl: over(bombable).sdl });
  expect(await loaded.promise).toEqual({ kind: 'loaded' });
  link.post({ kind: 'plan', operation: endless, operationName: undefined, roll: 0 });
  const startedAtMs = performance.now();

  link.kill();

  expect(await ended.promise).toMatch(/^its (process ended with SIGKILL|thread ended)$/);
  expect(performance.now() - startedAtMs).toBeLessThan(500);
});

describe.each([
  ['native', createNativePlanner],
  ['apollo', createApolloPlanner],
] as const)('the host of the %s planner', (_name, create) => {
  let leftovers: Leftovers;
  let planner: HostedPlanner;

  beforeEach(() => {
    leftovers = createLeftovers();
    planner = create(over(bombable), { maxHosts: 1, maxPlanMs: 150, maxPlanWhileWaitedForMs: 100 });
    leftovers.defer('planner', () => planner.close());
  });

  afterEach(() => leftovers.close());

  test('ends with a plan that passes the limit, and another one plans on', async () => {
    await planner.ready();

    await expect(planner.plan(endless, undefined, signal)).rejects.toMatchObject({ code: 'OPERATION_TOO_COMPLEX' });
    await expect(planner.plan('{ greeting }', undefined, signal)).resolves.toMatchObject({ kind: 'QueryPlan' });
  });

  test('ends when nobody waits for its plan any more', async () => {
    await planner.ready();
    const controller = new AbortController();
    const plan = planner.plan(endless, undefined, controller.signal);

    controller.abort(new Error('left'));

    await expect(plan).rejects.toThrow('left');
    await expect(planner.plan('{ greeting }', undefined, signal)).resolves.toMatchObject({ kind: 'QueryPlan' });
  });

  test('makes room where others wait, and lets nobody wait for ever', async () => {
    await planner.ready();
    const patient = create(over(bombable), { maxHosts: 1, maxPlanMs: 60_000, maxPlanWhileWaitedForMs: 50 });
    leftovers.defer('patient planner', () => patient.close());
    await patient.ready();
    const long = patient.plan(endless, undefined, signal).catch((error: unknown) => error);

    await expect(patient.plan('{ greeting }', undefined, signal)).resolves.toMatchObject({ kind: 'QueryPlan' });
    expect(await long).toMatchObject({ code: 'OPERATION_TOO_COMPLEX' });
  });

  test('is waited for by so many and so long, the others are told to come again', async () => {
    const busy = create(over(bombable), { maxHosts: 1, maxPlanMs: 60_000, maxWaitMs: 50, maxWaiting: 2 });
    leftovers.defer('busy planner', () => busy.close());
    await busy.ready();
    const long = busy.plan(endless, undefined, signal).catch((error: unknown) => error);
    const waiting = [1, 2, 3].map(() => busy.plan('{ greeting }', undefined, signal));

    for (const { status, reason } of (await Promise.allSettled(waiting)) as PromiseRejectedResult[]) {
      expect(status).toBe('rejected');
      expect(reason).toMatchObject({ code: 'OVERLOADED', retryAfterSeconds: 1 });
    }
    await busy.close();
    expect(await long).toMatchObject({ code: 'OVERLOADED' });
  });

  test('says why a supergraph does not load', async () => {
    const broken = create({ ...over(bombable), sdl: 'type Query {' });
    leftovers.defer('broken planner', () => broken.close());

    await expect(broken.ready()).rejects.toThrow(/^Supergraph does not load: ./);
  });
});

test('a process whose plan takes more memory than it may ends, and another one plans on', async () => {
  const patient = createNativePlanner(over(bombable), { maxHosts: 1, maxPlanMs: 600_000 });
  try {
    await expect(patient.plan(endless, undefined, signal)).rejects.toMatchObject({ code: 'OPERATION_TOO_COMPLEX' });
    await expect(patient.plan('{ greeting }', undefined, signal)).resolves.toMatchObject({ kind: 'QueryPlan' });
  } finally {
    await patient.close();
  }
}, 120_000);

test('a supergraph is planned for beside the one before it, whose endless plan harms nobody', async () => {
  const hosts = createNativeHosts();
  const before = createNativePlanner(over(bombable), { maxHosts: 1, maxPlanMs: 300 }, false, hosts);
  const after = createNativePlanner(over(shop), { maxHosts: 1, maxPlanMs: 20_000 }, false, hosts);
  try {
    await before.ready();
    await after.ready();
    const bomb = before.plan(endless, undefined, signal).catch((error: unknown) => error);

    await expect(after.plan('{ top { name } }', undefined, signal)).resolves.toMatchObject({ kind: 'QueryPlan' });
    expect(await bomb).toMatchObject({ code: 'OPERATION_TOO_COMPLEX' });
    await before.close();
    await expect(after.plan('{ top { upc } }', undefined, signal)).resolves.toMatchObject({ kind: 'QueryPlan' });
  } finally {
    await Promise.all([before.close(), after.close()]);
  }
});

test('what the native planner cannot plan is planned by Tessera’s, which starts for it', async () => {
  const reasons: string[] = [];
  const planner = createPlanner(over(shop), {
    choice: 'auto',
    maxPlanMs: 5_000,
    onFallback: ({ message }) => reasons.push(message),
  });
  try {
    const plan = await planner.plan('{ top { reviews { product { shipping } } } }', undefined, signal);

    expect(plan.node?.kind).toBe('Sequence');
    expect(reasons).toEqual(['Operation cannot be planned']);
  } finally {
    await planner.close();
  }
});
