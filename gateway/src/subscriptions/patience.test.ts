import { expect, test } from '@jest/globals';
import { createPatience } from './patience.js';

function create() {
  const clock = { nowMs: 0 };
  const patience = createPatience({
    maxRetries: 4,
    retryDelayMs: 200,
    resumeTimeoutMs: 60_000,
    now: () => clock.nowMs,
    random: () => 0.5,
  });
  return { clock, patience };
}

test('what never was open is tried five times', () => {
  const { patience } = create();

  expect(Array.from({ length: 6 }, () => patience.lost(1006))).toEqual([true, true, true, true, true, false]);
});

test('what was open is tried again for as long as the setting says, ever less often', () => {
  const { clock, patience } = create();
  expect(patience.accepted()).toBe(false);
  const delays: number[] = [];

  while (patience.lost(1006)) {
    delays.push(patience.delayMs());
    clock.nowMs += patience.delayMs();
  }

  expect(delays.slice(0, 6)).toEqual([200, 400, 800, 1_600, 3_200, 5_000]);
  expect(clock.nowMs).toBeGreaterThanOrEqual(60_000);
  expect(clock.nowMs).toBeLessThan(66_000);
});

test('one that is taken and lost again at once is no stream; an event, or ten seconds, make it one', () => {
  const { clock, patience } = create();
  const loseAfter = (openMs: number): boolean => {
    patience.accepted();
    clock.nowMs += openMs;
    return patience.lost(1000);
  };

  expect(Array.from({ length: 6 }, () => loseAfter(10))).toEqual([true, true, true, true, true, false]);
  expect(loseAfter(10_000)).toBe(true);
  expect(patience.accepted()).toBe(true);
  patience.proven();
  expect(patience.lost(1000)).toBe(true);
  expect(patience.delayMs()).toBe(200);
});
