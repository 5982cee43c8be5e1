import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { createGate, type Gate, type Leave } from './gate.js';
import type { EventLoopSample } from './load-sampler.js';

let nowMs = 0;
let loop: EventLoopSample = { intervalMs: 50, utilization: 0.2, turnMs: 1 };

beforeEach(() => {
  void jest.useFakeTimers();
  nowMs = 0;
  loop = { intervalMs: 50, utilization: 0.2, turnMs: 1 };
});
afterEach(() => {
  jest.useRealTimers();
});

function aGate(maxConcurrent: number, maxQueueMs = 1_000): Gate {
  return createGate({
    maxConcurrent,
    maxQueueMs,
    targetMs: 50,
    lifecycle: { defer: () => undefined },
    now: () => nowMs,
    sample: () => loop,
  });
}

/** Lets time pass, and the gate's clock tick. */
function pass(milliseconds: number): void {
  for (let passed = 0; passed < milliseconds; passed += 50) {
    nowMs += 50;
    jest.advanceTimersByTime(50);
  }
}

/** Does so much work in each interval, with as much under way as may be, that the gate knows its speed. */
function work(gate: Gate, perInterval: number, intervals: number): void {
  const underWay: Leave[] = [];
  const fillUp = (): void => {
    while (gate.inFlight < gate.limit) underWay.push(gate.enter('warm') as Leave);
  };
  for (let interval = 0; interval < intervals; interval += 1) {
    for (let done = 0; done < perInterval; done += 1) {
      fillUp();
      underWay.shift()?.();
    }
    fillUp();
    pass(50);
  }
  for (const leave of underWay) leave();
}

/** Comes again and again, until it is sent away. @returns how often it came */
function fill(gate: Gate, key: string): number {
  return comeUntilSentAway(gate, key).length;
}

function comeUntilSentAway(gate: Gate, key: string): readonly (Leave | Promise<Leave>)[] {
  const entering: (Leave | Promise<Leave>)[] = [];
  for (;;) {
    try {
      entering.push(gate.enter(key));
    } catch (error) {
      expect(error).toMatchObject({ code: 'OVERLOADED' });
      return entering;
    }
  }
}

/** Lets each key come until it is sent away, and serves all of them. @returns how often each came */
async function fillAndServe(gate: Gate, keys: readonly string[]): Promise<Readonly<Record<string, number>>> {
  const entering = keys.map((key) => comeUntilSentAway(gate, key));
  for (const one of entering.flat()) void Promise.resolve(one).then((leave) => leave());
  while (gate.inFlight > 0) await Promise.resolve();
  return Object.fromEntries(keys.map((key, index) => [key, entering[index]?.length ?? 0]));
}

async function outcomes(entering: readonly (Leave | Promise<Leave>)[]): Promise<readonly string[]> {
  const settled = await Promise.allSettled(entering);
  return settled.map(({ status }) => (status === 'fulfilled' ? 'in' : 'refused'));
}

describe('a gate', () => {
  test('sends away at once whoever would wait too long, with the time to come back', () => {
    const gate = aGate(50, 500);
    loop = { ...loop, utilization: 1 };
    work(gate, 25, 60);

    // 25 end in 50 ms, so that 250 are done within the wait, beside the 25 that may be under way.
    const inside = fill(gate, 'a');

    expect(inside).toBeGreaterThan(265);
    expect(inside).toBeLessThan(285);
    expect(() => gate.assertOpen(() => 'a')).toThrow(
      expect.objectContaining({ code: 'OVERLOADED', retryAfterSeconds: expect.any(Number) }),
    );
  });

  test('keeps a place for who does not flood, though the queue is full', () => {
    const gate = aGate(50, 500);
    loop = { ...loop, utilization: 1 };
    work(gate, 25, 60);

    fill(gate, 'flood');

    expect(() => gate.assertOpen(() => 'flood')).toThrow('Too much is asked');
    expect(() => gate.assertOpen(() => 'quiet')).not.toThrow();
    expect(gate.enter('quiet')).toBeInstanceOf(Promise);
  });

  test('keeps the line of a key that floods short for a second, and no other', async () => {
    const gate = aGate(50, 500);
    loop = { ...loop, utilization: 1 };
    work(gate, 25, 60);

    const before = await fillAndServe(gate, ['flood']);
    const right = await fillAndServe(gate, ['flood', 'other']);
    pass(1_100);
    const later = await fillAndServe(gate, ['flood']);

    expect(before['flood']).toBeGreaterThan(265);
    // What may be under way, and the few who may always wait.
    expect(right['flood']).toBeLessThan(55);
    expect(right['other']).toBeGreaterThan(200);
    expect(later['flood']).toBeGreaterThan(265);
  });

  test('takes nobody who leaves while waiting for one who was sent away', async () => {
    const gate = aGate(50, 500);
    loop = { ...loop, utilization: 1 };
    work(gate, 25, 60);
    const held = Array.from({ length: gate.limit }, () => gate.enter('a') as Leave);
    const leaving = new AbortController();
    const waiting = gate.enter('a', leaving.signal);

    leaving.abort();
    pass(50);

    expect(await outcomes([waiting])).toEqual(['refused']);
    for (const leave of held) leave();
    expect((await fillAndServe(gate, ['a']))['a']).toBeGreaterThan(100);
  });

  test('lets a few wait though nothing has ended for a while', () => {
    const gate = aGate(8, 500);
    loop = { ...loop, utilization: 1 };
    work(gate, 4, 20);
    for (let count = 0; count < 8; count += 1) void gate.enter('a');
    pass(2_000);

    const entering = comeUntilSentAway(gate, 'a');

    expect(entering).toHaveLength(24);
    for (const one of entering) void Promise.resolve(one).catch(() => undefined);
  });

  test('has room in that line for what comes in a few turns of the event loop', async () => {
    const gate = aGate(50, 500);
    loop = { ...loop, utilization: 1, turnMs: 60 };
    work(gate, 25, 60);

    await fillAndServe(gate, ['flood']);

    // What may be under way, and a fifth of the wait: what four turns would be has a bound.
    const again = (await fillAndServe(gate, ['flood']))['flood'] ?? 0;
    expect(again).toBeGreaterThan(60);
    expect(again).toBeLessThan(110);
  });

  test('sends away who waited too long before they were heard, once others have left before their answers', () => {
    const gate = aGate(50, 500);
    loop = { ...loop, utilization: 1 };
    work(gate, 25, 60);
    pass(50);
    expect(() => gate.assertOpen(() => 'a', 501)).not.toThrow();

    const leave = gate.enter('a', AbortSignal.abort()) as Leave;
    leave();
    pass(50);

    expect(() => gate.assertOpen(() => 'a', 499)).not.toThrow();
    expect(() => gate.assertOpen(() => 'a', 501)).toThrow('Too much is asked');

    pass(1_100);
    expect(() => gate.assertOpen(() => 'a', 501)).not.toThrow();
  });

  test('heeds no wait while it is not busy', () => {
    const gate = aGate(50, 500);
    const leave = gate.enter('a', AbortSignal.abort()) as Leave;
    leave();
    pass(50);

    expect(() => gate.assertOpen(() => 'a', 60_000)).not.toThrow();
  });
});

test('the limit narrows under load, and is wide again after it', () => {
  const gate = aGate(1_000);
  loop = { intervalMs: 50, utilization: 1, turnMs: 2 };
  work(gate, 20, 60);
  const busy = gate.limit;

  loop = { intervalMs: 50, utilization: 0.3, turnMs: 1 };
  pass(2_000);

  expect(busy).toBeGreaterThanOrEqual(15);
  expect(busy).toBeLessThan(30);
  expect(gate.limit).toBe(64);
});

test('a gate that nobody asks does not wake its process', () => {
  const gate = aGate(10);
  expect(jest.getTimerCount()).toBe(0);

  const leave = gate.enter('acme') as Leave;
  pass(2_000);
  expect(jest.getTimerCount()).toBe(1);

  leave();
  pass(1_100);
  expect(jest.getTimerCount()).toBe(0);
});
