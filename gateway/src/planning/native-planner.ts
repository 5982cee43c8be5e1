import { checkPlans } from './check-plans.js';
import { openProcessHost } from './hosts/process-host.js';
import { createPlannerPool, defaultPlannerLimits, type PlannerLimits } from './hosts/planner-pool.js';
import { toNativeSdl } from './native-sdl.js';
import type { HostedPlanner } from './planner.js';
import type { Supergraph } from './supergraph.js';

/** Compiled, from wherever this module runs: a process cannot start from sources. */
const entry = new URL('../../dist/planning/hosts/native-host.js', import.meta.url);

/**
 * Creates the planner written in Rust (`@graphql-hive/router-query-planner`). It plans in processes of its own, because
 * neither its abort signal nor the end of a thread stops a plan, and some operations of a few words (an interface's
 * field, nested, whose objects' fields come from different subgraphs) keep it busy for minutes. A process costs 11 MB of
 * memory not shared with the gateway, 90 ms to start, and 0.3 ms for each plan.
 *
 * @param isWary whether plans are refused that may well be right; see `check-plan`
 */
export function createNativePlanner(
  supergraph: Supergraph,
  limits: Partial<PlannerLimits> = {},
  isWary = false,
): HostedPlanner {
  const all = { ...defaultPlannerLimits, ...limits };
  const pool = createPlannerPool({
    supergraphSdl: toNativeSdl(supergraph.sdl),
    open: (listener) => openProcessHost(entry, listener, all.niceness),
    limits: all,
  });
  return checkPlans(pool, supergraph, isWary);
}
