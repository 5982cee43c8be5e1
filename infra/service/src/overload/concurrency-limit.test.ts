import { expect, test } from '@jest/globals';
import { createConcurrencyLimit, type LoadSample } from './concurrency-limit.js';

/** As much is asked for as may be under way. */
const demanded = 1_000;

const busy: LoadSample = {
  intervalMs: 100,
  utilization: 1,
  turnMs: 1,
  completed: 100,
  inFlight: demanded,
  refused: 0,
};

function limitAfter(samples: readonly Partial<LoadSample>[]): number {
  const limit = createConcurrencyLimit({ maxConcurrent: 1_000, targetMs: 50 });
  for (const sample of samples) limit.observe({ ...busy, ...sample });
  return limit.current;
}

const times = (count: number, sample: Partial<LoadSample> = {}): readonly Partial<LoadSample>[] =>
  Array.from({ length: count }, () => sample);

test('a busy processor has as much under way as it ends in the time that work may take', () => {
  expect(limitAfter(times(60))).toBe(50);
  expect(limitAfter(times(60, { completed: 800 }))).toBeGreaterThan(390);
});

test('what takes long even unhindered may take that longer', () => {
  const unhindered = times(200, { utilization: 0.5, completed: 50, inFlight: 50 });

  expect(limitAfter([...unhindered, ...times(60)])).toBeGreaterThan(140);
});

test('a moment in which nothing ends says nothing of how long work takes', () => {
  const unhindered = times(200, { utilization: 0.5, completed: 50, inFlight: 20 });
  const hitch = times(2, { utilization: 0.5, completed: 1, inFlight: 40 });

  const usual = limitAfter([...unhindered, ...times(60)]);
  const afterHitch = limitAfter([...unhindered, ...hitch, ...times(60)]);

  expect(usual).toBeGreaterThan(80);
  expect(afterHitch).toBeLessThan(3 * usual);
});

test('turns that are long for want of a processor make it no wider, however many are sent away', () => {
  expect(limitAfter(times(60, { turnMs: 1_000, completed: 20, refused: 2_500 }))).toBeLessThan(60);
});

test('long turns narrow it no further where they are long because many are sent away', () => {
  const turnMs = 60;

  expect(limitAfter(times(60, { turnMs, completed: 20 }))).toBe(10);
  expect(limitAfter(times(60, { turnMs, completed: 20, refused: 2_000 }))).toBeGreaterThan(40);
});

test('a processor that is busy with other things narrows it no further than what can be done is known', () => {
  expect(limitAfter(times(60, { completed: 1, inFlight: 1 }))).toBeGreaterThan(45);
});

test('a few are always let in', () => {
  expect(limitAfter(times(60, { completed: 0 }))).toBe(8);
});

test('work that waits for others while the processor has time makes it wider, up to the most that may be', () => {
  expect(limitAfter(times(60, { utilization: 0.2, completed: 1 }))).toBe(1_000);
});

test('a processor that has time again has room for twice what it does', () => {
  expect(limitAfter([...times(60), ...times(20, { utilization: 0.5, inFlight: 0 })])).toBe(64);
  expect(limitAfter([...times(60, { utilization: 0.2 }), ...times(20, { utilization: 0.5, inFlight: 200 })])).toBe(400);
});
