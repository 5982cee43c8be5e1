import type { QueryPlan } from './query-plan.js';

/** Turns operations into plans. An adapter per planner; all of them plan one supergraph, given when they are made. */
export interface Planner {
  /**
   * @param operation the document's text, validated against the public schema
   * @param operationName which operation of the document; may be undefined where there is only one
   * @param signal ends the plan
   * @param roll where the request falls between 0 and 100: a progressive `@override` whose label is `percent(N)` is in
   *   force for those below N; default: for none but `percent(100)`
   * @throws AppError `INTERNAL_SERVER_ERROR` where the operation cannot be planned, `OPERATION_TOO_COMPLEX` where it takes
   *   more time or memory than it may, `OVERLOADED` where too much is being planned; the signal's reason when it aborts
   */
  plan(operation: string, operationName: string | undefined, signal: AbortSignal, roll?: number): Promise<QueryPlan>;
  /** Frees what the planner holds; plans that are under way are refused. */
  close(): Promise<void>;
}

/** A planner that works outside of the gateway's own thread. */
export interface HostedPlanner extends Planner {
  /**
   * Waits until the supergraph is loaded; without it the first plan waits.
   *
   * @throws Error with the planner's reasons where the supergraph does not load
   */
  ready(): Promise<void>;
}
