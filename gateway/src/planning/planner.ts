import type { QueryPlan } from './query-plan.js';

/** Turns operations into plans. An adapter per planner; all of them plan one supergraph, given when they are made. */
export interface Planner {
  /**
   * @param operation the document's text, validated against the public schema
   * @param operationName which operation of the document; may be undefined where there is only one
   * @param signal ends the waiting; whether it also ends the work is the adapter's matter
   * @throws AppError `INTERNAL_SERVER_ERROR` where the operation cannot be planned; the signal's reason when it aborts
   */
  plan(operation: string, operationName: string | undefined, signal: AbortSignal): Promise<QueryPlan>;
  /** Frees what the planner holds; plans that are under way are refused. */
  close(): Promise<void>;
}
