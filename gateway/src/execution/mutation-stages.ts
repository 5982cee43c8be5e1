import type { FetchNode, PlanNode } from '../planning/query-plan.js';
import { compilePlan } from './compile-plan.js';
import type { PlanOptions, Step } from './run.js';

/** A part of a mutation: what one request to a subgraph does, and what is read after it. */
export interface MutationStage {
  readonly mutate: Step;
  readonly read: Step;
}

/** Compiles a mutation's plan so that something can be decided between doing and reading. */
export function compileStages(node: PlanNode | undefined, options: PlanOptions): readonly MutationStage[] {
  const parts: { readonly mutation: FetchNode; readonly rest: PlanNode[] }[] = [];
  for (const child of inOrder(node)) {
    if (child.kind === 'Fetch' && child.operationKind === 'mutation') parts.push({ mutation: child, rest: [] });
    else parts.at(-1)?.rest.push(child);
  }
  return parts.map(({ mutation, rest }) => ({
    mutate: compilePlan(mutation, options),
    read: compilePlan(rest.length === 0 ? undefined : { kind: 'Sequence', nodes: rest }, options),
  }));
}

function inOrder(node: PlanNode | undefined): readonly PlanNode[] {
  if (node === undefined) return [];
  return node.kind === 'Sequence' ? node.nodes.flatMap(inOrder) : [node];
}
