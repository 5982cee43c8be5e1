import { createPlannerPool, defaultPlannerLimits, type PlannerLimits } from './hosts/planner-pool.js';
import { openThreadHost } from './hosts/thread-host.js';
import type { HostedPlanner } from './planner.js';
import type { Supergraph } from './supergraph.js';

/** Compiled, from wherever this module runs: a thread's module is not loaded by who starts the thread. */
const entry = new URL('../../dist/planning/hosts/apollo-host.js', import.meta.url);

/**
 * Creates Apollo's planner (`@apollo/query-planner`). It plans in threads of its own, which end when a plan passes a
 * limit; nothing of it is loaded before the first thread starts.
 */
export function createApolloPlanner({ sdl }: Supergraph, limits: Partial<PlannerLimits> = {}): HostedPlanner {
  const all = { ...defaultPlannerLimits, ...limits };
  return createPlannerPool({
    supergraphSdl: sdl,
    open: (listener) => openThreadHost(entry, listener, all.niceness),
    limits: all,
  });
}
