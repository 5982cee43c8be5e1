import { performance } from 'node:perf_hooks';
import type { ReadDemand } from './processor-demand.js';

/** How busy the event loop was since it was last asked. */
export interface EventLoopSample {
  readonly intervalMs: number;
  /** Share of the time that it worked, or would have if it had been given a processor: 0 to 1. */
  readonly utilization: number;
  /** Average length of a turn while it was busy. */
  readonly turnMs: number;
}

/**
 * Creates the question how busy this process's event loop has been since the last question. Costs nothing in between.
 *
 * A loop that is woken late, because others have the processor, takes that time for idle: it looks the idler the less it is
 * given. So the kernel's account counts as well.
 *
 * @param readDemand undefined where no kernel says it
 */
export function createLoadSampler(readDemand: ReadDemand | undefined): () => EventLoopSample {
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
