import { setTimeout } from 'node:timers/promises';
import type { Operation } from './auth-operations.js';
import type { MeasuredService } from './measured-service.js';
import { usedForEach, type ProcessorTimes } from './processor-times.js';

/** How often something is done a second, and the processor time of each, in milliseconds. */
export interface Rate extends ProcessorTimes {
  readonly perSecond: number;
  /** Of this process, which asks, hashes bare or checks tokens. */
  readonly own: number;
}

/** When repeating ends, whatever comes first. */
export interface Limits {
  readonly operations: number;
  readonly seconds: number;
}

/** Repeats an operation side by side for so long. */
export async function measure(
  service: MeasuredService,
  operation: Operation,
  seconds: number,
  workers: number,
): Promise<Rate> {
  for (let worker = 0; worker < workers; worker += 1) await operation(worker);
  const before = await service.usage();
  const startedAtMs = performance.now();
  const ownBefore = process.cpuUsage();
  const count = await repeat(operation, workers, { operations: Infinity, seconds });
  const { user, system } = process.cpuUsage(ownBefore);
  const perSecond = (count * 1_000) / (performance.now() - startedAtMs);
  const used = usedForEach(before, await service.usage(), count);
  return { ...used, perSecond, own: (user + system) / 1_000 / count };
}

/** What the service and PostgreSQL use of a millisecond while nobody asks for anything: they look for jobs and events. */
export async function usePerMs(service: MeasuredService, seconds: number): Promise<ProcessorTimes> {
  await setTimeout(1_000);
  const before = await service.usage();
  const startedAtMs = performance.now();
  await setTimeout(seconds * 1_000);
  const after = await service.usage();
  return usedForEach(before, after, performance.now() - startedAtMs);
}

export function withoutIdle(rate: Rate, idle: ProcessorTimes): Rate {
  const msOfEach = 1_000 / rate.perSecond;
  return {
    ...rate,
    service: rate.service - idle.service * msOfEach,
    threadPool: rate.threadPool - idle.threadPool * msOfEach,
    database: rate.database - idle.database * msOfEach,
  };
}

/** @returns how often it was done before it was often enough, or time was over */
export async function repeat(operation: Operation, workers: number, limits: Limits): Promise<number> {
  const endsAtMs = performance.now() + limits.seconds * 1_000;
  let count = 0;
  const work = async (worker: number): Promise<void> => {
    while (count < limits.operations && performance.now() < endsAtMs) {
      await operation(worker);
      count += 1;
    }
  };
  await Promise.all(Array.from({ length: workers }, (_, worker) => work(worker)));
  return count;
}
