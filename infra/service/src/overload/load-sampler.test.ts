import { setTimeout as wait } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { createLoadSampler } from './load-sampler.js';
import { openProcessorDemand } from './processor-demand.js';

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

test('where the kernel says how long a thread ran and was kept waiting, that is read, until the service stops', async () => {
  const closings: (() => unknown)[] = [];
  const readDemand = openProcessorDemand({ defer: (_name, close) => void closings.push(close) });
  const before = readDemand?.() ?? 0;
  // A host may take the processor meanwhile, which the kernel does not count.
  const startMs = performance.now();
  while ((readDemand?.() ?? 0) < before + 20 && performance.now() < startMs + 4_000);

  expect(before).toBeGreaterThan(0);
  expect(readDemand?.()).toBeGreaterThanOrEqual(before + 20);

  for (const close of closings) await close();
  expect(readDemand).toThrow('EBADF');
});
