import { QueryPlanner } from '@graphql-hive/router-query-planner';
import { AppError } from '@tessera/service/errors';
import type { Planner } from './planner.js';
import type { QueryPlan } from './query-plan.js';
import type { Supergraph } from './supergraph.js';

/** Without labels every progressive `@override` stays with the subgraph that it overrides. */
const noLabels: Set<string> = new Set();
const noRollOutPercentage = 0;

/**
 * Creates the planner written in Rust (`@graphql-hive/router-query-planner`): it plans off the event loop, on libuv's
 * threads. An aborted plan is no longer waited for but runs to its end, which is why operations are limited before.
 *
 * @throws Error with the planner's reason for a supergraph that it cannot load
 */
export function createNativePlanner(supergraph: Supergraph): Planner {
  const native = load(supergraph.sdl);
  const closing = new AbortController();
  return {
    async plan(operation, operationName, signal) {
      const abandoned = AbortSignal.any([signal, closing.signal]);
      abandoned.throwIfAborted();
      try {
        return await Promise.race([
          native.planAsync(operation, operationName, noLabels, noRollOutPercentage, abandoned) as Promise<QueryPlan>,
          rejection(abandoned),
        ]);
      } catch (error) {
        abandoned.throwIfAborted();
        throw new AppError('INTERNAL_SERVER_ERROR', 'Operation cannot be planned', { cause: error });
      }
    },
    close() {
      closing.abort(new AppError('OVERLOADED', 'The planner is closing'));
      return Promise.resolve();
    },
  };
}

function load(sdl: string): QueryPlanner {
  try {
    return new QueryPlanner(sdl);
  } catch (error) {
    throw new Error(`Supergraph does not load: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

function rejection(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
}
