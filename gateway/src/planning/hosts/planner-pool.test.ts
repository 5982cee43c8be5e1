import { expect, jest, test, afterEach, beforeEach } from '@jest/globals';
import type { AppError } from '@tessera/service/errors';
import type { HostListener, OpenHost } from './host-link.js';
import { createPlannerPool, defaultPlannerLimits, type PlannerLimits } from './planner-pool.js';

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

const { signal } = new AbortController();

const later = (work: () => void): void => void Promise.resolve().then(work);

interface HostHabits {
  /** How it answers to being asked for a plan; default: not at all. */
  readonly answer?: (listener: HostListener) => void;
  readonly processorMs?: () => number;
  /** How long the host of this number takes to start; default: none. */
  readonly startMs?: (number: number) => number;
}

/** Hosts that load, plan by their habits, and are gone when they are killed. */
function setUp(limits: Partial<PlannerLimits>, { answer, processorMs, startMs }: HostHabits = {}) {
  const alive = new Set<number>();
  let started = 0;
  const open: OpenHost = (listener) => {
    started += 1;
    const number = started;
    alive.add(number);
    return {
      post({ kind }) {
        const loaded = (): void => listener.reply({ kind: 'loaded' });
        if (kind === 'load' && startMs === undefined) later(loaded);
        else if (kind === 'load') setTimeout(loaded, startMs?.(number));
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
  const { pool, alive } = setUp({}, { answer: planned });
  expect(alive()).toEqual([]);

  for (let time = 0; time < 3; time += 1) await pool.plan('{ a }', undefined, signal);

  expect(alive()).toEqual([1]);
});

test('a plan that the machine gives no time to is not ended for being long', async () => {
  let spentMs = 0;
  const { pool, alive } = setUp({ maxPlanMs: 100 }, { processorMs: () => spentMs });
  const plan = pool.plan('{ a }', undefined, signal).catch((error: AppError) => error.code);

  await jest.advanceTimersByTimeAsync(1_000);
  expect(alive()).toEqual([1]);
  spentMs = 80;
  await jest.advanceTimersByTimeAsync(100);

  expect(alive()).not.toContain(1);
  await expect(plan).resolves.toBe('OPERATION_TOO_COMPLEX');
});

test('hosts that nobody needs are let go, but for those that are to stay', async () => {
  const { pool, alive } = setUp({ minHosts: 1, maxHosts: 2, maxIdleMs: 1_000 }, { answer: planned });
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

test('on a machine where hosts start slowly nobody is refused before one has', async () => {
  const answer = (listener: HostListener): void => void setTimeout(() => planned(listener), 40);
  const { pool } = setUp({ maxHosts: 1, maxWaitMs: 100 }, { answer, startMs: () => 5_010 });
  const plans = Promise.all([1, 2, 3].map(() => pool.plan('{ a }', undefined, signal)));

  await jest.advanceTimersByTimeAsync(6_000);

  await expect(plans).resolves.toHaveLength(3);
});

test('who has gone waits for no host, and takes nobody the place', async () => {
  const { pool } = setUp({ maxHosts: 1, maxWaiting: 1 }, { answer: planned, startMs: () => 5_000 });
  const controller = new AbortController();
  const gone = pool.plan('{ a }', undefined, controller.signal);
  controller.abort(new Error('left'));
  await expect(gone).rejects.toThrow('left');
  const other = pool.plan('{ b }', undefined, signal);

  await jest.advanceTimersByTimeAsync(5_001);

  await expect(other).resolves.toEqual({ kind: 'QueryPlan' });
});

test('where another host does not start, those who wait are served by the one that there is', async () => {
  const limits = { minHosts: 1, maxHosts: 2, maxPlanMs: 60_000, maxPlanWhileWaitedForMs: 60_000, maxWaitMs: 60_000 };
  const startMs = (number: number): number => (number === 1 ? 0 : 50_000);
  const answer = (listener: HostListener): void => void setTimeout(() => planned(listener), 40_000);
  const { pool } = setUp(limits, { answer, startMs });
  const plans = Promise.all([1, 2].map(() => pool.plan('{ a }', undefined, signal)));

  await jest.advanceTimersByTimeAsync(100_000);

  await expect(plans).resolves.toHaveLength(2);
});

test('who waits while others have the hosts is refused in time, though another one starts', async () => {
  const limits = { minHosts: 1, maxHosts: 2, maxPlanMs: 60_000, maxPlanWhileWaitedForMs: 60_000, maxWaitMs: 100 };
  const { pool } = setUp(limits, { startMs: (number) => (number === 1 ? 10 : 50_000) });
  const settled = [1, 2].map(() => pool.plan('{ a }', undefined, signal).catch((error: unknown) => error));

  await jest.advanceTimersByTimeAsync(200);

  await expect(settled[1]).resolves.toMatchObject({
    code: 'OVERLOADED',
    message: 'Too many operations are being planned',
  });
  await pool.close();
  await expect(settled[0]).resolves.toMatchObject({ code: 'OVERLOADED' });
});

test('a host that does not start in half a minute is given up', async () => {
  const { pool, alive } = setUp({ maxWaitMs: 100 }, { startMs: () => 40_000 });
  const plan = pool.plan('{ a }', undefined, signal).catch((error: unknown) => error);

  await jest.advanceTimersByTimeAsync(30_001);

  await expect(plan).resolves.toMatchObject({ code: 'OVERLOADED', message: 'Planner did not start' });
  expect(alive()).toEqual([]);
});
