import { expect, jest, test, afterEach, beforeEach } from '@jest/globals';
import type { AppError } from '@tessera/service/errors';
import type { HostListener, OpenHost } from './host-link.js';
import { createPlannerPool, defaultPlannerLimits, type PlannerLimits } from './planner-pool.js';

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

const { signal } = new AbortController();

const later = (work: () => void): void => void Promise.resolve().then(work);

/** Hosts that load at once, and answer to nothing else but to being killed. */
function setUp(limits: Partial<PlannerLimits>, answer?: (listener: HostListener) => void, processorMs?: () => number) {
  const alive = new Set<number>();
  let started = 0;
  const open: OpenHost = (listener) => {
    started += 1;
    const number = started;
    alive.add(number);
    return {
      post({ kind }) {
        if (kind === 'load') later(() => listener.reply({ kind: 'loaded' }));
        else answer?.(listener);
      },
      hold: () => undefined,
      release: () => undefined,
      processorMs: async () => processorMs?.(),
      kill() {
        alive.delete(number);
        later(() => listener.ended('killed'));
      },
    };
  };
  const pool = createPlannerPool({ supergraphSdl: '', open, limits: { ...defaultPlannerLimits, ...limits } });
  return { pool, alive: () => [...alive] };
}

const planned = (listener: HostListener): void =>
  later(() => listener.reply({ kind: 'planned', plan: { kind: 'QueryPlan' } }));

test('hosts start when they are needed, and are used again', async () => {
  const { pool, alive } = setUp({}, planned);
  expect(alive()).toEqual([]);

  for (let time = 0; time < 3; time += 1) await pool.plan('{ a }', undefined, signal);

  expect(alive()).toEqual([1]);
});

test('a plan that the machine gives no time to is not ended for being long', async () => {
  let spentMs = 0;
  const { pool, alive } = setUp({ maxPlanMs: 100 }, undefined, () => spentMs);
  const plan = pool.plan('{ a }', undefined, signal).catch((error: AppError) => error.code);

  await jest.advanceTimersByTimeAsync(1_000);
  expect(alive()).toEqual([1]);
  spentMs = 80;
  await jest.advanceTimersByTimeAsync(100);

  expect(alive()).not.toContain(1);
  await expect(plan).resolves.toBe('OPERATION_TOO_COMPLEX');
});

test('hosts that nobody needs are let go, but for those that are to stay', async () => {
  const { pool, alive } = setUp({ minHosts: 1, maxHosts: 2, maxIdleMs: 1_000 }, planned);
  await Promise.all([1, 2].map(() => pool.plan('{ a }', undefined, signal)));
  expect(alive()).toHaveLength(2);

  await jest.advanceTimersByTimeAsync(1_001);

  expect(alive()).toHaveLength(1);
});

test('a plan that passes the limit takes its host with it, and another host starts', async () => {
  const { pool, alive } = setUp({ minHosts: 1, maxPlanMs: 100 });
  const plan = pool.plan('{ a }', undefined, signal).catch((error: unknown) => error);

  await jest.advanceTimersByTimeAsync(101);

  expect(await plan).toMatchObject({ code: 'OPERATION_TOO_COMPLEX' });
  expect(alive()).toEqual([2]);
});

test('where one waits, the plan that takes longest makes room', async () => {
  const { pool, alive } = setUp({ maxHosts: 1, maxPlanMs: 10_000, maxPlanWhileWaitedForMs: 100 });
  const first = pool.plan('{ a }', undefined, signal).catch((error: unknown) => error);
  await jest.advanceTimersByTimeAsync(50);
  const second = pool.plan('{ b }', undefined, signal).catch((error: unknown) => error);

  await jest.advanceTimersByTimeAsync(51);

  expect(await first).toMatchObject({ code: 'OPERATION_TOO_COMPLEX' });
  expect(alive()).toEqual([2]);
  await pool.close();
  expect(await second).toMatchObject({ code: 'OVERLOADED' });
  expect(alive()).toEqual([]);
});

test('to be ready is no reason to disturb a plan', async () => {
  const { pool, alive } = setUp({ maxHosts: 1, maxPlanMs: 10_000, maxPlanWhileWaitedForMs: 100 });
  const plan = pool.plan('{ a }', undefined, signal).catch((error: unknown) => error);
  await jest.advanceTimersByTimeAsync(50);

  await pool.ready();
  await jest.advanceTimersByTimeAsync(1_000);

  expect(alive()).toEqual([1]);
  await pool.close();
  expect(await plan).toMatchObject({ code: 'OVERLOADED' });
});
