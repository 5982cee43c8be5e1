import { readFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';

/** How busy the event loop was since it was last asked. */
export interface EventLoopSample {
  readonly intervalMs: number;
  /** Share of the time that it worked, or would have if it had been given a processor: 0 to 1. */
  readonly utilization: number;
  /** Average length of a turn while it was busy. */
  readonly turnMs: number;
}

/** Milliseconds, since it began, that this thread has been running, or ready to run and waiting for a processor. */
export type ReadDemand = () => number;

/**
 * Creates the question how busy this process's event loop has been since the last question. Costs nothing in between, and 20 us
 * each time.
 *
 * A loop that is woken late, because others have the processor, takes that time for idle: it looks the idler the less it is
 * given. So the kernel's account counts as well.
 *
 * @param readDemand default: as the kernel says it (Linux); undefined where nothing does
 */
export function createLoadSampler(readDemand = findDemand()): () => EventLoopSample {
  let before = performance.eventLoopUtilization();
  let turnsBefore = performance.nodeTiming.uvMetricsInfo.loopCount;
  let demandBefore = readDemand?.() ?? 0;
  return () => {
    const now = performance.eventLoopUtilization();
    const { active, idle, utilization } = performance.eventLoopUtilization(now, before);
    const turns = performance.nodeTiming.uvMetricsInfo.loopCount - turnsBefore;
    const demand = readDemand?.() ?? 0;
    const intervalMs = Math.max(1, active + idle);
    const demanded = (demand - demandBefore) / intervalMs;
    before = now;
    turnsBefore += turns;
    demandBefore = demand;
    return {
      intervalMs,
      utilization: Math.min(1, Math.max(utilization, demanded)),
      turnMs: active / Math.max(1, turns),
    };
  };
}

/** Nanoseconds on a processor, nanoseconds ready and waiting for one, and how often; of the thread that reads it. */
const account = '/proc/thread-self/schedstat';

function findDemand(): ReadDemand | undefined {
  const read = (): number => {
    const [running = 0, waiting = 0] = readFileSync(account, 'latin1').split(' ').map(Number);
    return (running + waiting) / 1_000_000;
  };
  try {
    return Number.isFinite(read()) ? read : undefined;
  } catch {
    return undefined;
  }
}
