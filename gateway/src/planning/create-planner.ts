import { createApolloPlanner } from './apollo-planner.js';
import { createFallbackPlanner } from './fallback-planner.js';
import type { PlannerLimits } from './hosts/planner-pool.js';
import { createNativePlanner } from './native-planner.js';
import type { HostedPlanner } from './planner.js';
import { rememberRefusals } from './remember-refusals.js';
import type { Supergraph } from './supergraph.js';

/** `auto`: the native planner, and Apollo's for what the native one cannot plan. */
export type PlannerChoice = 'native' | 'apollo' | 'auto';

export interface CreatePlannerOptions {
  readonly choice: PlannerChoice;
  /** The longest that planning one operation may take, whatever planners are asked. */
  readonly maxPlanMs: number;
  /** Told when Apollo's planner is asked in the native one's place, and why. */
  readonly onFallback: (reason: Error) => void;
}

/** How the time is shared between the native planner, where Apollo's is asked after it, and Apollo's. */
const shareOfFirst = 0.4;
const shareOfSecond = 0.5;
/** The part of the time that may pass before a planner is free. */
const shareOfWaiting = 0.7;

/** Creates the planner that is configured. */
export function createPlanner(supergraph: Supergraph, options: CreatePlannerOptions): HostedPlanner {
  const { maxPlanMs, onFallback } = options;
  const limits: Partial<PlannerLimits> = { maxPlanMs, maxWaitMs: maxPlanMs * shareOfWaiting };
  switch (options.choice) {
    case 'native':
      return rememberRefusals(createNativePlanner(supergraph, limits));
    case 'apollo':
      return rememberRefusals(createApolloPlanner(supergraph, limits));
    case 'auto':
      return rememberRefusals(
        createFallbackPlanner({
          first: createNativePlanner(supergraph, { ...limits, maxPlanMs: maxPlanMs * shareOfFirst }),
          second: createApolloPlanner(supergraph, {
            ...limits,
            maxPlanMs: maxPlanMs * shareOfSecond,
            minHosts: 0,
            maxHosts: 1,
          }),
          onFallback,
        }),
      );
  }
}
