import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createNativePlanner } from '@tessera/gateway/planning/native-planner';
import type { HostedPlanner, Planner } from '@tessera/gateway/planning/planner';
import { parse } from 'graphql';
import { threadMsOf } from '../../support/thread-time.js';
import { startFederation, type Federation } from '../support/federation.js';
import { shop } from '../support/shop.js';

const chainOf = (length: number) =>
  [
    '{ me { ...F0 } }',
    ...Array.from({ length }, (_, index) => {
      const next = index === length - 1 ? 'name' : `friends { ...F${index + 1} } a: friends { ...F${index + 1} }`;
      return `fragment F${index} on User { ${next} }`;
    }),
  ].join('\n');

describe('preparing an operation', () => {
  let federation: Federation;
  let plans: number;
  let planner: HostedPlanner;

  beforeEach(async () => {
    plans = 0;
    const counting: Planner = {
      plan(...request) {
        plans += 1;
        return planner.plan(...request);
      },
      close: () => planner.close(),
    };
    federation = await startFederation(shop, { engine: { planner: counting, maxPreparedOperations: 2 } });
    // What is refused here is refused for its size, on however busy a machine.
    planner = createNativePlanner(federation.supergraph, { maxPlanMs: 20_000 });
  });

  afterEach(async () => {
    await planner.close();
    await federation.close();
  });

  const prepare = (source: string, name?: string) => federation.engine.prepare(parse(source), source, name);

  test('plans once for all who ask at the same time, and for those who ask later', async () => {
    const together = await Promise.all(Array.from({ length: 50 }, () => prepare('{ me { name } }')));
    const later = await prepare('{ me { name } }');

    expect(new Set([...together, later]).size).toBe(1);
    expect(plans).toBe(1);
  });

  test('keeps the operations of one document apart', async () => {
    const source = 'query A { me { name } } query B { top { name } } mutation C { first(value: 1) }';

    const prepared = await Promise.all(['A', 'B', 'C'].map((name) => prepare(source, name)));

    expect(prepared.map(({ kind, operationName }) => `${kind} ${operationName}`)).toEqual([
      'query A',
      'query B',
      'mutation C',
    ]);
    await expect(prepare(source)).rejects.toMatchObject({ code: 'BAD_USER_INPUT' });
  });

  test('forgets the operation that was used least recently', async () => {
    for (const source of ['{ me { id } }', '{ me { name } }', '{ me { email } }', '{ me { name } }', '{ me { id } }']) {
      await prepare(source);
    }

    expect(plans).toBe(4);
  });

  test('refuses at once what its fragments blow up, without asking the planner', async () => {
    const spentMs = await threadMsOf(() =>
      expect(prepare(chainOf(40))).rejects.toMatchObject({ code: 'OPERATION_TOO_COMPLEX' }),
    );

    expect(spentMs).toBeLessThan(100);
    expect(plans).toBe(0);
  });

  test('plans the most that the limit lets through', async () => {
    const widest = `{ me { ${Array.from({ length: 4_900 }, (_, index) => `a${index}: name`).join(' ')} } }`;

    await expect(prepare(widest)).resolves.toMatchObject({ kind: 'query' });
  });

  test('plans a chain of fragments that stays within the limit', async () => {
    await expect(prepare(chainOf(6))).resolves.toMatchObject({ kind: 'query' });
  });

  test('asks no planner for introspection', async () => {
    await prepare('{ __typename __schema { types { name } } ... on Query { __type(name: "User") { name } } }');

    expect(plans).toBe(0);
  });

  test('gives up a plan that takes too long, and tries anew when it is asked again', async () => {
    await federation.close();
    let isStuck = true;
    const slow: Planner = {
      plan: (operation, name, signal) =>
        isStuck
          ? new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)))
          : planner.plan(operation, name, signal),
      close: () => Promise.resolve(),
    };
    federation = await startFederation(shop, { engine: { planner: slow, planTimeoutMs: 500 } });
    // What is refused here is refused for its size, on however busy a machine.
    planner = createNativePlanner(federation.supergraph, { maxPlanMs: 20_000 });
    await planner.ready();

    await expect(prepare('{ me { name } }')).rejects.toMatchObject({ code: 'OVERLOADED' });
    isStuck = false;

    await expect(prepare('{ me { name } }')).resolves.toMatchObject({ kind: 'query' });
  });

  test('is refused by a planner that is closing', async () => {
    await planner.close();

    await expect(prepare('{ me { name } }')).rejects.toMatchObject({ code: 'OVERLOADED' });
  });
});
