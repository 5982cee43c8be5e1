import { createPlannerPool, defaultPlannerLimits, type PlannerLimits } from './hosts/planner-pool.js';
import { openThreadHost } from './hosts/thread-host.js';
import type { HostedPlanner } from './planner.js';
import type { Supergraph } from './supergraph.js';

/** Compiled, from wherever this module runs: a thread's module is not loaded by who starts the thread. */
const entry = new URL('../../dist/planning/hosts/tessera-host.js', import.meta.url);

/** How much of its time a plan may really run: it ends itself well before its thread would be ended. */
const ownShare = 0.3;

/**
 * Creates Tessera's own planner. It plans in threads of its own, as JavaScript does that has to be ended where a plan
 * passes a limit.
 */
export function createTesseraPlanner({ sdl }: Supergraph, limits: Partial<PlannerLimits> = {}): HostedPlanner {
  const all = { ...defaultPlannerLimits, ...limits };
  const maxPlanProcessorMs = all.maxPlanMs * ownShare;
  return createPlannerPool({
    supergraphSdl: sdl,
    open: (listener) => openThreadHost(entry, listener, all.niceness, maxPlanProcessorMs),
    limits: all,
  });
}
