import { performance } from 'node:perf_hooks';

/** How busy the event loop was since it was last asked. */
export interface EventLoopSample {
  readonly intervalMs: number;
  /** 0 to 1. */
  readonly utilization: number;
  /** Average length of a turn while it was busy. */
  readonly turnMs: number;
}

/** Creates the question how busy this process's event loop has been since the last question. Costs nothing in between. */
export function createLoadSampler(): () => EventLoopSample {
  let before = performance.eventLoopUtilization();
  let turnsBefore = performance.nodeTiming.uvMetricsInfo.loopCount;
  return () => {
    const now = performance.eventLoopUtilization();
    const { active, idle, utilization } = performance.eventLoopUtilization(now, before);
    const turns = performance.nodeTiming.uvMetricsInfo.loopCount - turnsBefore;
    before = now;
    turnsBefore += turns;
    return { intervalMs: Math.max(1, active + idle), utilization, turnMs: active / Math.max(1, turns) };
  };
}
