import type { QueryPlan } from '../query-plan.js';

/** Which of the supergraphs that share a host is meant; absent where it has one alone. */
interface Seated {
  readonly seat?: number;
}

/**
 * What a planner's host is told. It loads one supergraph once for each seat, then plans one operation at a time there, until it
 * is told to leave it (only who shares does that, and there is no answer).
 */
export type HostRequest = Seated & HostTask;

type HostTask =
  | { readonly kind: 'leave' }
  | { readonly kind: 'load'; readonly supergraphSdl: string }
  | {
      readonly kind: 'plan';
      readonly operation: string;
      readonly operationName: string | undefined;
      /** See `Planner.plan`. */
      readonly roll: number;
    };

/**
 * What a planner's host answers; `refused` stands for a supergraph or an operation, whichever was asked about, `exceeded` for a
 * plan that took more than it may.
 */
export type HostReply = Seated & HostOutcome;

type HostOutcome =
  | { readonly kind: 'loaded' }
  | { readonly kind: 'planned'; readonly plan: QueryPlan }
  | { readonly kind: 'exceeded' }
  | { readonly kind: 'refused'; readonly reason: string };
