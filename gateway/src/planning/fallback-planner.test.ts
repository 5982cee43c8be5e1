import { expect, test } from '@jest/globals';
import { AppError } from '@tessera/service/errors';
import { createFallbackPlanner } from './fallback-planner.js';
import type { HostedPlanner } from './planner.js';
import type { QueryPlan } from './query-plan.js';

const plan: QueryPlan = { kind: 'QueryPlan' };
const { signal } = new AbortController();

const aPlanner = (parts: Partial<HostedPlanner> = {}): HostedPlanner => ({
  ready: () => Promise.resolve(),
  plan: () => Promise.resolve(plan),
  close: () => Promise.resolve(),
  ...parts,
});

const failing = (code: 'OVERLOADED' | 'INTERNAL_SERVER_ERROR' | 'OPERATION_TOO_COMPLEX') =>
  aPlanner({ plan: () => Promise.reject(new AppError(code, 'No')) });

function setUp(first: HostedPlanner, second: HostedPlanner) {
  const reasons: string[] = [];
  const planner = createFallbackPlanner({ first, second, onFallback: ({ message }) => reasons.push(message) });
  return { planner, reasons };
}

test('the second planner is not asked for what the first one plans', async () => {
  const { planner, reasons } = setUp(aPlanner(), failing('INTERNAL_SERVER_ERROR'));

  await expect(planner.plan('{ a }', undefined, signal)).resolves.toBe(plan);
  expect(reasons).toEqual([]);
});

test.each(['INTERNAL_SERVER_ERROR', 'OPERATION_TOO_COMPLEX'] as const)(
  'the second planner plans what the first one refuses with %s, and it is told',
  async (code) => {
    const { planner, reasons } = setUp(failing(code), aPlanner());

    await expect(planner.plan('{ a }', undefined, signal)).resolves.toBe(plan);
    expect(reasons).toEqual(['No']);
  },
);

/** Asks for what the first planner finds too complex, with no time left for the second. */
function planOutOfTime(ready: HostedPlanner['ready']): Promise<QueryPlan> {
  const controller = new AbortController();
  const second = aPlanner({
    ready,
    plan(...request) {
      controller.abort(new Error('late'));
      return Promise.reject(request[2].reason as Error);
    },
  });
  return setUp(failing('OPERATION_TOO_COMPLEX'), second).planner.plan('{ a }', undefined, controller.signal);
}

test('an operation that the first planner found too complex is so, though there is no time left for the second', async () => {
  await expect(planOutOfTime(() => Promise.resolve())).rejects.toMatchObject({ code: 'OPERATION_TOO_COMPLEX' });
});

test('an operation for which the second planner did not start in time is not found too complex by the first alone', async () => {
  await expect(planOutOfTime(() => new Promise(() => undefined))).rejects.toThrow('late');
});

test('an operation that the first planner found too complex is so, though the second does not know how to plan it', async () => {
  const { planner } = setUp(failing('OPERATION_TOO_COMPLEX'), failing('INTERNAL_SERVER_ERROR'));

  await expect(planner.plan('{ a }', undefined, signal)).rejects.toMatchObject({ code: 'OPERATION_TOO_COMPLEX' });
});

test('too much to do is no reason to do it twice', async () => {
  const { planner } = setUp(failing('OVERLOADED'), aPlanner());

  await expect(planner.plan('{ a }', undefined, signal)).rejects.toMatchObject({ code: 'OVERLOADED' });
});

test('the second planner stands in for one that does not load the supergraph, and does not start otherwise', async () => {
  let started = 0;
  const second = aPlanner({ ready: async () => void (started += 1) });
  await setUp(aPlanner(), second).planner.ready();
  expect(started).toBe(0);

  const unloadable = aPlanner({
    ready: () => Promise.reject(new Error('no binary for this machine')),
    plan: () => Promise.reject(new Error('never asked')),
  });
  const { planner, reasons } = setUp(unloadable, second);
  await planner.ready();

  await expect(planner.plan('{ a }', undefined, signal)).resolves.toBe(plan);
  expect(started).toBe(1);
  expect(reasons).toEqual(['no binary for this machine']);
});
