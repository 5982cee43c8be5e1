import { createApolloPlanner } from './apollo-planner.js';
import { createFallbackPlanner } from './fallback-planner.js';
import type { PlannerLimits } from './hosts/planner-pool.js';
import type { KeptPlanning } from './kept/kept-planning.js';
import { keepPlans } from './kept/kept-plans.js';
import { createNativePlanner } from './native-planner.js';
import { createOperationParser } from './operation-parser.js';
import { createPlanLanes } from './plan-lanes.js';
import type { HostedPlanner } from './planner.js';
import { rememberRefusals } from './remember-refusals.js';
import { createTesseraPlanner } from './tessera-planner.js';
import type { Supergraph } from './supergraph.js';

/**
 * `auto`: the native planner, and Tessera's own for what the native one cannot plan, the other way round for operations that look at
 * hundreds of types; Apollo's for a supergraph as Federation 1
 * and the first Federation 2 composed it, for the others plan by directives that these do not have.
 */
export type PlannerChoice = 'native' | 'apollo' | 'tessera' | 'auto';

export interface CreatePlannerOptions {
  readonly choice: PlannerChoice;
  /** The longest that planning one operation may take, whatever planners are asked. */
  readonly maxPlanMs: number;
  /** Told when the second planner is asked because the first one cannot plan it, and why. */
  readonly onFallback: (reason: Error) => void;
  /** What is shared with the supergraphs before this one and after it; default: nothing. */
  readonly kept?: KeptPlanning;
}

/**
 * How the time is shared between the native planner and Tessera's, where both may be asked. That one runs in a thread of this
 * process, where a plan ends itself after a third of it: with more of the default 800 ms, one bomb would cost the gateway over 250 ms
 * of processor time.
 */
const shareOfNative = 0.4;
const shareOfTessera = 0.25;
/** The part of the time that may pass before a planner is free. */
const shareOfWaiting = 0.7;

/**
 * So many take the native planner 20 to 100 ms; with ten times as many it may take seconds, for it plans each type of an interface by
 * itself. Tessera's is asked first for more, which plans those together that are alike.
 */
const maxFastWays = 1_000;

/** What may take long takes only the time that nobody else needs: beside a plan at 5, p99 is twice what it is at 19. */
const leastPriority = 19;

/** Without `@join__unionMember`; the first without `@join__type` of every type, too. */
const earlyJoinVersions: ReadonlySet<string | undefined> = new Set(['0.1', '0.2']);

/** Creates the planner that is configured. */
export function createPlanner(supergraph: Supergraph, given: CreatePlannerOptions): HostedPlanner {
  const isEarly = earlyJoinVersions.has(supergraph.features.versionOf('join'));
  const options = isEarly && given.choice === 'auto' ? { ...given, choice: 'apollo' as const } : given;
  const fast = createLane(supergraph, options, false);
  const slow = createLane(supergraph, options, true);
  const parseOperation = createOperationParser();
  const lanes = createPlanLanes({ supergraph, fast, slow, maxFastWays, parseOperation });
  const keptPlans = options.kept?.plans;
  const keeping = keptPlans === undefined ? lanes : keepPlans(lanes, { supergraph, keptPlans, parseOperation });
  return rememberRefusals(keeping, undefined, parseOperation);
}

/** @param isWide whether it is for operations with many ways */
function createLane(
  supergraph: Supergraph,
  { choice, maxPlanMs, onFallback, kept }: CreatePlannerOptions,
  isWide: boolean,
): HostedPlanner {
  const hosts = isWide ? { maxHosts: 1, niceness: leastPriority } : {};
  const limits: Partial<PlannerLimits> = { maxPlanMs, maxWaitMs: maxPlanMs * shareOfWaiting, ...hosts };
  switch (choice) {
    case 'native':
      return createNativePlanner(supergraph, limits, false, kept?.nativeHosts);
    case 'apollo':
      return createApolloPlanner(supergraph, limits);
    case 'tessera':
      return createTesseraPlanner(supergraph, limits);
    case 'auto': {
      const native = createNativePlanner(
        supergraph,
        { ...limits, maxPlanMs: maxPlanMs * shareOfNative },
        true,
        kept?.nativeHosts,
      );
      const tessera = createTesseraPlanner(supergraph, {
        ...limits,
        maxPlanMs: maxPlanMs * shareOfTessera,
        // Who waits is not helped by ending a thread whose plan ends itself: another one would have to start.
        maxPlanWhileWaitedForMs: maxPlanMs * shareOfTessera,
        minHosts: 0,
        maxHosts: 1,
      });
      const [first, second] = isWide ? [tessera, native] : [native, tessera];
      return createFallbackPlanner({ first, second, onFallback });
    }
  }
}
