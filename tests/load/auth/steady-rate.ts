import { availableParallelism } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import { readCoreTimes } from '../core-times.js';
import type { Operation } from './auth-operations.js';
import type { MeasuredService } from './measured-service.js';
import { usedForEach } from './processor-times.js';
import type { Rate } from './rate.js';

/** Per second that the host of this machine left to it. */
export interface SteadyRate extends Rate {
  /** Processor time of each, in milliseconds: of everything on this machine. */
  readonly machine: number;
}

const cores = availableParallelism();
/** How long a load goes on before it is measured: that all ask at once happens at its beginning only. */
const settleMs = 1_000;

/**
 * Repeats an operation that leaves this process side by side, and measures in the midst of it: neither the beginning counts nor the end,
 * when cores have nothing to do.
 */
export async function measureSteadily(
  service: MeasuredService,
  operation: Operation,
  seconds: number,
  workers: number,
): Promise<SteadyRate> {
  const doneAtMs: number[] = [];
  let isOver = false;
  const work = async (worker: number): Promise<void> => {
    while (!isOver) {
      await operation(worker);
      doneAtMs.push(performance.now());
    }
  };
  const working = Promise.all(Array.from({ length: workers }, (_, worker) => work(worker)));
  await setTimeout(settleMs);
  const [before, coresBefore, ownBefore] = [await service.usage(), await readCoreTimes(), process.cpuUsage()];
  const startedAtMs = performance.now();
  await setTimeout(seconds * 1_000);
  const elapsedMs = performance.now() - startedAtMs;
  const { user, system } = process.cpuUsage(ownBefore);
  const [after, coresAfter] = [await service.usage(), await readCoreTimes()];
  isOver = true;
  await working;
  // From one that is done to one that is done: a hash takes long, and a part of one would not count.
  const within = doneAtMs.filter((atMs) => atMs > startedAtMs && atMs <= startedAtMs + elapsedMs);
  const perMs = (within.length - 1) / ((within.at(-1) ?? Number.NaN) - (within[0] ?? Number.NaN));
  const count = perMs * elapsedMs;
  const leftShare = 1 - (coresAfter.stolenMs - coresBefore.stolenMs) / cores / elapsedMs;
  return {
    ...usedForEach(before, after, count),
    perSecond: (perMs * 1_000) / leftShare,
    own: (user + system) / 1_000 / count,
    machine: (coresAfter.busyMs - coresBefore.busyMs) / count,
  };
}
