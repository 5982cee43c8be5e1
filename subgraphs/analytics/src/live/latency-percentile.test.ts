import { expect, test } from '@jest/globals';
import { usageLatencyBoundsMs } from '@tessera/service/metrics';
import { latencyPercentile } from './latency-percentile.js';

/** Counts by upper bound; Infinity for what is slower than all bounds. */
const counts = (byBound: Readonly<Record<number, number>>) =>
  [...usageLatencyBoundsMs, Infinity].map((boundMs) => byBound[boundMs] ?? 0);

test('without requests there is no percentile', () => {
  expect(latencyPercentile(counts({}), 0.95)).toBeUndefined();
});

test('within one bound the requests are taken as evenly spread', () => {
  expect(latencyPercentile(counts({ 20: 100 }), 0.5)).toBe(15);
  expect(latencyPercentile(counts({ 1: 100 }), 0.25)).toBe(0.25);
});

test('a percentile lies in the bound that holds its rank', () => {
  const mixed = counts({ 10: 90, 1_000: 10 });

  expect(latencyPercentile(mixed, 0.9)).toBe(10);
  expect(latencyPercentile(mixed, 0.95)).toBe(750);
});

test('what is slower than all bounds counts as the last of them', () => {
  expect(latencyPercentile(counts({ [Infinity]: 5 }), 0.5)).toBe(5_000);
});
