import { AppError } from '@tessera/service/errors';
import type { HostedPlanner } from './planner.js';
import type { QueryPlan } from './query-plan.js';

export interface FallbackPlannerOptions {
  readonly first: HostedPlanner;
  /** Asked for what the first one cannot plan. It starts when it is needed. */
  readonly second: HostedPlanner;
  /** Told for every operation that goes to the second planner, with what kept the first one from it. */
  readonly onFallback: (reason: Error) => void;
}

/** When the second planner starts, in case that the first one does not come to an end. */
const warmUpAfterMs = 100;

/** Creates a planner of two: the second one plans what the first one cannot, or not within its limits. */
export function createFallbackPlanner({ first, second, onFallback }: FallbackPlannerOptions): HostedPlanner {
  let loadsFirst = true;

  async function planSecond(
    reason: AppError,
    isStarted: () => boolean,
    ...request: Parameters<HostedPlanner['plan']>
  ): Promise<QueryPlan> {
    onFallback(reason);
    try {
      return await second.plan(...request);
    } catch (error) {
      // Where the time is over before the second planner is, what the first one found out is still true; but not where it was
      // over before the second one could begin, which may plan it the next time.
      const isTooComplex = reason.code === 'OPERATION_TOO_COMPLEX' && isStarted();
      // That the second one does not know how to plan it says less than that the first one, who knows, cannot in time.
      const isUnknown = error instanceof AppError && error.code === 'INTERNAL_SERVER_ERROR';
      throw isTooComplex && (request[2].aborted || isUnknown) ? reason : error;
    }
  }

  return {
    async ready() {
      try {
        await first.ready();
      } catch (error) {
        await second.ready();
        loadsFirst = false;
        onFallback(error as Error);
      }
    },
    async plan(...request) {
      if (!loadsFirst) return second.plan(...request);
      let isStarted = false;
      // A start that fails is tried again when the second planner is asked for a plan, and told then.
      const start = (): void =>
        void second.ready().then(
          () => (isStarted = true),
          () => undefined,
        );
      const warmUp = setTimeout(start, warmUpAfterMs);
      try {
        return await first.plan(...request);
      } catch (error) {
        request[2].throwIfAborted();
        if (!(error instanceof AppError) || error.code === 'OVERLOADED') throw error;
        start();
        return await planSecond(error, () => isStarted, ...request);
      } finally {
        clearTimeout(warmUp);
      }
    },
    async close() {
      await Promise.all([first.close(), second.close()]);
    },
  };
}
