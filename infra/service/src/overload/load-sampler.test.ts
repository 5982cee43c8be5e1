import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { createLoadSampler } from './load-sampler.js';

test('an event loop that waits for work is hardly busy', async () => {
  const sample = createLoadSampler(() => 0);
  await wait(100);

  const { intervalMs, utilization } = sample();

  expect(intervalMs).toBeGreaterThan(90);
  expect(utilization).toBeLessThan(0.9);
});

test('an event loop that works is busy', () => {
  const sample = createLoadSampler(() => 0);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);

  expect(sample().utilization).toBeGreaterThan(0.9);
});

test('an event loop that is not given a processor when it has work is busy, though it seems to wait', async () => {
  let demandMs = 1_000;
  const sample = createLoadSampler(() => demandMs);
  await wait(50);
  demandMs += 10_000;

  expect(sample().utilization).toBe(1);

  await wait(50);
  expect(sample().utilization).toBeLessThan(1);
});

test('where the kernel says how long a thread was kept waiting, that can be read', async () => {
  const sample = createLoadSampler();
  await wait(20);

  expect(sample().utilization).toBeGreaterThan(0);
});
