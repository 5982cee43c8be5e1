import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { createRestingClock, type RestingClock } from './resting-clock.js';

let seen: string[] = [];
let isNeeded = true;
let clock: RestingClock;

beforeEach(() => {
  jest.useFakeTimers();
  seen = [];
  isNeeded = true;
  clock = createRestingClock({
    intervalMs: 50,
    restsAfterMs: 150,
    onWake: () => void seen.push('wakes'),
    onTick: () => (seen.push('ticks'), isNeeded),
  });
});
afterEach(() => {
  jest.useRealTimers();
});

test('a clock that nobody has woken does not tick', () => {
  jest.advanceTimersByTime(1_000);

  expect(seen).toEqual([]);
});

test('it ticks as long as there is something to look at', () => {
  clock.wake();
  jest.advanceTimersByTime(200);
  clock.wake();

  expect(seen).toEqual(['wakes', 'ticks', 'ticks', 'ticks', 'ticks']);
});

test('it rests when there has been nothing for a while, until it is woken again', () => {
  clock.wake();
  isNeeded = false;
  jest.advanceTimersByTime(1_000);
  expect([jest.getTimerCount(), seen]).toEqual([0, ['wakes', 'ticks', 'ticks', 'ticks']]);

  clock.wake();
  jest.advanceTimersByTime(50);

  expect(seen.slice(4)).toEqual(['wakes', 'ticks']);
});

test('stopped, it does not wake any more', () => {
  clock.wake();
  clock.stop();
  clock.wake();
  jest.advanceTimersByTime(1_000);

  expect(seen).toEqual(['wakes']);
});
