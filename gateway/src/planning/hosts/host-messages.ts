import type { QueryPlan } from '../query-plan.js';

/** What a planner's host is told. It loads one supergraph once, then plans one operation at a time. */
export type HostRequest =
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
export type HostReply =
  | { readonly kind: 'loaded' }
  | { readonly kind: 'planned'; readonly plan: QueryPlan }
  | { readonly kind: 'exceeded' }
  | { readonly kind: 'refused'; readonly reason: string };
