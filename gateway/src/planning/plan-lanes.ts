import { countWays } from './count-ways.js';
import type { ParseOperation } from './operation-parser.js';
import type { HostedPlanner } from './planner.js';
import type { Supergraph } from './supergraph.js';

export interface PlanLanesOptions {
  readonly supergraph: Supergraph;
  readonly fast: HostedPlanner;
  /** For operations that may take long. It starts when one comes. */
  readonly slow: HostedPlanner;
  /** The most that {@link countWays} may count of an operation in the fast lane. */
  readonly maxFastWays: number;
  readonly parseOperation: ParseOperation;
}

/** Creates a planner of two lanes: operations that may take long wait for each other, and the others do not for them. */
export function createPlanLanes(options: PlanLanesOptions): HostedPlanner {
  const { supergraph, fast, slow, maxFastWays, parseOperation } = options;
  return {
    ready: () => fast.ready(),
    async plan(operation, operationName, signal, roll) {
      const ways = countWays(parseOperation(operation), supergraph);
      return (ways > maxFastWays ? slow : fast).plan(operation, operationName, signal, roll);
    },
    async close() {
      await Promise.all([fast.close(), slow.close()]);
    },
  };
}
