import { AppError } from '@tessera/service/errors';
import type { PlanNode } from '../planning/query-plan.js';
import { findRepeatedFetches } from './asked-entities.js';
import { compileContextFetch } from './context-fetch.js';
import { compileBatchFetch, compileEntityFetch } from './entity-fetch.js';
import { createFetchNames } from './name-fetches.js';
import type { SubscriptionStream } from './prepared-operation.js';
import { compileReceive, compileRootFetch } from './root-fetch.js';
import type { CompileOptions, PlanOptions, Step, WholePlan } from './run.js';

/** What planners call a field that they had to fetch under a name of their own. */
const plannerAlias = '_internal_qp_alias';

const nothing: Step = () => Promise.resolve();

/**
 * Compiles a plan into one function.
 *
 * @throws AppError `INTERNAL_SERVER_ERROR` for a node of a kind that is not known
 */
export function compilePlan(node: PlanNode | undefined, options: PlanOptions): Step {
  if (node === undefined) return nothing;
  return compilePlanNode(node, { ...options, ...lookOver(node, options) });
}

/** What the parts of a plan have to know of all of it. */
export function lookOver(plan: PlanNode, { operationName }: Pick<PlanOptions, 'operationName'>): WholePlan {
  let position = 0;
  return {
    nameFetch: createFetchNames(operationName),
    sharesEntities: mayShareEntities(plan),
    nextPosition: () => position++,
    repeatedFetches: findRepeatedFetches(plan),
  };
}

/**
 * Planners number their own aliases in each selection anew: with them, one key may mean two things. And where arguments
 * come from a context, equal entities have different values in different places.
 */
function mayShareEntities(node: PlanNode): boolean {
  const text = JSON.stringify(node);
  return !text.includes(plannerAlias) && !text.includes('"contextArguments":[{');
}

/** Compiles a part of a plan, as {@link compilePlan} does all of it. */
export function compilePlanNode(node: PlanNode, options: CompileOptions): Step {
  switch (node.kind) {
    case 'Fetch':
      return compileRootFetch(node, [], options);
    case 'BatchFetch':
      return compileBatchFetch(node, options);
    case 'Flatten':
      return compileFlatten(node.node, node.path, options);
    case 'Sequence':
      return inSequence(node.nodes.map((child) => compilePlanNode(child, options)));
    case 'Parallel':
      return inParallel(node.nodes.map((child) => compilePlanNode(child, options)));
    case 'Condition': {
      const whenTrue = node.ifClause == null ? nothing : compilePlanNode(node.ifClause, options);
      const whenFalse = node.elseClause == null ? nothing : compilePlanNode(node.elseClause, options);
      return (run) => (run.variables[node.condition] === true ? whenTrue(run) : whenFalse(run));
    }
    case 'Subscription':
    case 'Defer':
      throw unsupported(node.kind);
  }
}

function compileFlatten(node: PlanNode, path: Parameters<typeof compileRootFetch>[1], options: CompileOptions): Step {
  if (node.kind !== 'Fetch') throw unsupported(`Flatten of ${node.kind}`);
  if (node.contextArguments != null && node.contextArguments.length > 0)
    return compileContextFetch(node, path, options);
  const isEntityFetch = node.requires != null && node.requires.length > 0;
  return isEntityFetch ? compileEntityFetch(node, path, options) : compileRootFetch(node, path, options);
}

export function inSequence(steps: readonly Step[]): Step {
  return async (run) => {
    for (const step of steps) await step(run);
  };
}

export function inParallel(steps: readonly Step[]): Step {
  return async (run) => {
    await Promise.all(steps.map((step) => step(run)));
  };
}

function unsupported(what: string): AppError {
  return new AppError('INTERNAL_SERVER_ERROR', `Plan has a node that is not supported here: ${what}`);
}

/**
 * Compiles the source of a subscription's events; what completes each of them is the rest of its plan.
 *
 * @throws AppError `INTERNAL_SERVER_ERROR` for a plan that opens no stream
 */
export function compileStream(node: PlanNode | undefined, options: PlanOptions): SubscriptionStream {
  const [first, ...nodes] = node?.kind === 'Sequence' ? node.nodes : [node];
  if (first?.kind !== 'Subscription') throw unsupported('subscription without a stream');
  const { primary } = first;
  return {
    primary,
    receive: compileReceive(primary, {
      ...options,
      ...lookOver(first, options),
      sharesEntities: true,
      nextPosition: () => -1,
    }),
    rest: nodes.length === 0 ? undefined : { kind: 'Sequence', nodes: nodes.filter((child) => child !== undefined) },
  };
}
