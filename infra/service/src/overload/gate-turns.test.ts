import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { createGate, type Gate, type Leave } from './gate.js';

let nowMs = 0;

beforeEach(() => {
  void jest.useFakeTimers();
  nowMs = 0;
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
    sample: () => ({ intervalMs: 50, utilization: 0.2, turnMs: 1 }),
  });
}

/** Lets time pass, and the gate's clock tick. */
function pass(milliseconds: number): void {
  for (let passed = 0; passed < milliseconds; passed += 50) {
    nowMs += 50;
    jest.advanceTimersByTime(50);
  }
}

describe('the turns at a gate', () => {
  test('lets in at once whoever comes while there is room', () => {
    const gate = aGate(2);

    const first = gate.enter('a');
    const second = gate.enter('a');

    expect(first).toBeInstanceOf(Function);
    expect(second).toBeInstanceOf(Function);
    expect(gate.inFlight).toBe(2);
  });

  test('lets the next one in when work ends, however often that is said', async () => {
    const gate = aGate(1);
    const leave = gate.enter('a') as Leave;
    const second = gate.enter('a');
    const third = gate.enter('a');

    leave();
    leave();

    expect(await second).toBeInstanceOf(Function);
    expect([gate.inFlight, gate.waiting]).toEqual([1, 1]);
    (await second)();
    await third;
  });

  test('serves keys in turn: one that floods does not stand before another', async () => {
    const gate = aGate(1);
    const order: string[] = [];
    let leave = gate.enter('flood') as Leave;
    const come = (key: string): void => {
      void Promise.resolve(gate.enter(key)).then((left) => {
        order.push(key);
        leave = left;
      });
    };
    for (let count = 0; count < 5; count += 1) come('flood');
    come('quiet');
    come('quiet');

    for (let count = 0; count < 7; count += 1) {
      leave();
      await Promise.resolve();
      await Promise.resolve();
    }

    expect(order).toEqual(['flood', 'quiet', 'flood', 'quiet', 'flood', 'flood', 'flood']);
  });

  test('sends away who has waited long enough, and forgets who has gone', async () => {
    const gate = aGate(1, 300);
    const gone = new AbortController();
    gate.enter('a');
    const entering = [gate.enter('a'), gate.enter('b', gone.signal)];

    gone.abort();
    pass(100);
    expect(gate.waiting).toBe(1);
    pass(300);

    const settled = await Promise.allSettled(entering);
    expect(settled.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(gate.waiting).toBe(0);
  });

  test('who stands aside lets others have the turn, and needs none to go on', async () => {
    const gate = aGate(1);
    const leave = gate.enter('hashes') as Leave;
    const waiting = gate.enter('refreshes') as Promise<Leave>;

    const comeBack = gate.standAside();
    const leaveToo = await waiting;
    comeBack();
    comeBack();

    expect(gate.inFlight).toBe(2);
    leave();
    leaveToo();
    expect(gate.inFlight).toBe(0);
  });
});
