import { hash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { ParseOperation } from '../operation-parser.js';
import { turnAfter } from '../pieces.js';
import type { HostedPlanner } from '../planner.js';
import type { QueryPlan } from '../query-plan.js';
import type { Supergraph } from '../supergraph.js';
import { isSameGround, type Ground } from './ground.js';
import { groundOf } from './plan-ground.js';

interface KeptPlan {
  readonly ground: Ground;
  readonly plan: QueryPlan;
}

/** Plans that outlive the supergraph that they were made for. */
export interface KeptPlans {
  find(operation: string): KeptPlan | undefined;
  keep(operation: string, kept: KeptPlan): void;
}

/** As many as an engine keeps prepared. */
const maxPlans = 1_000;
/** Where everything below interfaces of hundreds of types rests, takes 100,000 each. */
const maxCoordinateCharacters = 8 * 1024 * 1024;

/** Creates an empty memory; the plans that were used least recently go first. */
export function createKeptPlans(): KeptPlans {
  const plans = new LRUCache<string, KeptPlan>({
    max: maxPlans,
    maxSize: maxCoordinateCharacters,
    sizeCalculation: ({ ground }) => ground.coordinates.length + 1,
  });
  return {
    find: (operation) => plans.get(operation),
    keep: (operation, kept) => void plans.set(operation, kept),
  };
}

export interface KeepPlansOptions {
  readonly supergraph: Supergraph;
  readonly keptPlans: KeptPlans;
  readonly parseOperation: ParseOperation;
}

/**
 * Asks the planner only for what was not planned before, over this supergraph or over one that is the same in everything
 * that the plan rests on.
 */
export function keepPlans(planner: HostedPlanner, options: KeepPlansOptions): HostedPlanner {
  const { supergraph, keptPlans, parseOperation } = options;
  return {
    ready: () => planner.ready(),
    async plan(operation, operationName, signal, roll) {
      const name = hash('sha256', JSON.stringify([operationName, roll, operation]), 'base64url');
      const kept = keptPlans.find(name);
      let startedAtMs = performance.now();
      const isKept = kept !== undefined && isSameGround(kept.ground, supergraph);
      await turnAfter(startedAtMs);
      if (isKept) return kept.plan;
      const plan = await planner.plan(operation, operationName, signal, roll);
      startedAtMs = performance.now();
      const ground = groundOf(parseOperation(operation), supergraph);
      if (ground !== undefined) keptPlans.keep(name, { ground, plan });
      await turnAfter(startedAtMs);
      return plan;
    },
    close: () => planner.close(),
  };
}
