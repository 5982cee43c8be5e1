import { checkPlans } from './check-plans.js';
import { createPlannerPool, defaultPlannerLimits, type PlannerLimits } from './hosts/planner-pool.js';
import { createNativeHosts } from './native-hosts.js';
import { toNativeSdl } from './native-sdl.js';
import type { HostedPlanner } from './planner.js';
import type { Supergraph } from './supergraph.js';

/**
 * Creates the planner written in Rust (`@graphql-hive/router-query-planner`). It plans in processes of its own, because
 * neither its abort signal nor the end of a thread stops a plan, and some operations of a few words (an interface's
 * field, nested, whose objects' fields come from different subgraphs) keep it busy for minutes. A process costs 11 MB of
 * memory not shared with the gateway, 90 ms to start, and 0.3 ms for each plan.
 *
 * @param isWary whether plans are refused that may well be right; see `check-plan`
 * @param hosts default: its own
 */
export function createNativePlanner(
  supergraph: Supergraph,
  limits: Partial<PlannerLimits> = {},
  isWary = false,
  hosts = createNativeHosts(),
): HostedPlanner {
  const all = { ...defaultPlannerLimits, ...limits };
  const pool = createPlannerPool({
    supergraphSdl: toNativeSdl(supergraph.sdl),
    open: hosts.opener(all.niceness),
    limits: all,
  });
  return checkPlans(pool, supergraph, isWary);
}
