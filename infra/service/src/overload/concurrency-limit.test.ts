import { expect, test } from '@jest/globals';
import { createConcurrencyLimit, type LoadSample } from './concurrency-limit.js';

const busy: LoadSample = {
  intervalMs: 100,
  utilization: 1,
  turnMs: 1,
  completed: 50,
  inFlight: 1_000,
  refused: 0,
};

function limitAfter(samples: readonly Partial<LoadSample>[]): number {
  const limit = createConcurrencyLimit({ maxConcurrent: 1_000 });
  for (const sample of samples) limit.observe({ ...busy, ...sample });
  return limit.current;
}

const times = (count: number, sample: Partial<LoadSample> = {}): readonly Partial<LoadSample>[] =>
  Array.from({ length: count }, () => sample);

test('a busy processor has as much under way as it ends in the time that work may take', () => {
  expect(limitAfter(times(40))).toBe(50);
  expect(limitAfter(times(40, { completed: 800 }))).toBeGreaterThan(790);
});

test('what takes long even unhindered may take that longer', () => {
  const unhindered = times(40, { utilization: 0.5, completed: 50, inFlight: 100 });

  expect(limitAfter([...unhindered, ...times(40)])).toBeGreaterThan(140);
});

test('long turns narrow it no further where they are long because many are sent away', () => {
  const turnMs = 60;

  expect(limitAfter(times(40, { turnMs, completed: 20 }))).toBe(20);
  expect(limitAfter(times(40, { turnMs, completed: 20, refused: 2_000 }))).toBeGreaterThan(50);
});

test('a processor that is busy with other things narrows it no further than what can be done is known', () => {
  expect(limitAfter(times(60, { completed: 1, inFlight: 1 }))).toBeGreaterThan(90);
});

test('a few are always let in', () => {
  expect(limitAfter(times(60, { completed: 0 }))).toBe(8);
});

test('a processor that has time again widens it within two seconds', () => {
  expect(limitAfter([...times(40), ...times(20, { utilization: 0.5 })])).toBe(1_000);
});
