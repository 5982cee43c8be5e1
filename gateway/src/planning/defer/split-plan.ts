import { Kind, type FieldNode } from 'graphql';
import type { FetchNode, FlattenNode, PlanNode } from '../query-plan.js';
import type { EntityFacts } from './entity-facts.js';
import { cutEntities } from './cut-entities.js';
import { readFetchText, writeFetchText } from './fetch-text.js';
import { firstPart, needsAlong, partsWithin, type Need, type Part } from './needs.js';
import { splitEntityFetch, toBatch } from './split-entity-fetch.js';
import { thinSelections } from './thin-selections.js';

/** A node that asks a subgraph, and so belongs to parts of the answer. */
export type FetchingNode = Extract<PlanNode, { readonly kind: 'Fetch' | 'BatchFetch' | 'Flatten' }>;

/** A plan whose fetches bring either what the first part of an answer needs, or what only later parts do. */
export interface SplitPlan {
  readonly node: PlanNode;
  /** A fetch that is not here is for the first part. */
  readonly partsOf: ReadonlyMap<FetchingNode, ReadonlySet<Part>>;
}

export interface SplitOptions {
  readonly needs: Need;
  readonly facts: EntityFacts;
}

/** Says which parts of the answer a fetch is for. */
export type Assign = (node: FetchingNode, parts: ReadonlySet<Part>) => FetchingNode;

/**
 * Splits a plan. A fetch that brings both is divided where its subgraph can be asked for the rest by itself: from the root
 * of a query, and for entities by their keys; what else it brings for later comes with the first part.
 *
 * The plan is read from its end: what a fetch needs for its representations is then known when the fetch is read that
 * brings it.
 *
 * @param needs changed: what is needed for representations is added
 */
export function splitPlan(plan: PlanNode, { needs, facts }: SplitOptions): SplitPlan {
  // What arguments are made of that come from a context cannot be told from the plan: all of it is for the first part.
  if (hasContextArguments(plan)) return { node: plan, partsOf: new Map() };
  const partsOf = new Map<FetchingNode, ReadonlySet<Part>>();
  const assign: Assign = (node, parts) => {
    partsOf.set(node, parts.size === 0 ? new Set([firstPart]) : parts);
    return node;
  };

  function split(node: PlanNode): PlanNode {
    switch (node.kind) {
      case 'Sequence':
        return { ...node, nodes: node.nodes.toReversed().map(split).toReversed() };
      case 'Parallel':
        return { ...node, nodes: node.nodes.map(split) };
      case 'Condition':
        return {
          ...node,
          ifClause: node.ifClause == null ? null : split(node.ifClause),
          elseClause: node.elseClause == null ? null : split(node.elseClause),
        };
      case 'Fetch':
        return splitRootFetch(node);
      case 'BatchFetch':
        return splitEntityFetch(node, { needs, facts, assign });
      case 'Flatten':
        return splitFlatten(node);
      case 'Subscription':
      case 'Defer':
        return node;
    }
  }

  function splitFlatten(node: FlattenNode): PlanNode {
    const fetch = node.node;
    const isEntityFetch = fetch.kind === 'Fetch' && fetch.requires != null && fetch.requires.length > 0;
    if (isEntityFetch) return splitEntityFetch(toBatch(fetch, node.path), { needs, facts, assign });
    const along = needsAlong(needs, node.path);
    const parts = partsWithin(along.at(-1) ?? needs);
    for (const need of along) need.mark(parts);
    return assign(node, parts);
  }

  function splitRootFetch(fetch: FetchNode): PlanNode {
    const operation = readFetchText(fetch.operation);
    const parts = new Set(
      operation.selectionSet.selections.flatMap((selection) =>
        selection.kind === Kind.FIELD ? [...(needs.below.get(keyOf(selection))?.parts ?? [])] : [...partsWithin(needs)],
      ),
    );
    if (!parts.has(firstPart) || parts.size === 1 || (fetch.outputRewrites ?? []).length > 0)
      return assign(fetch, parts);
    const isQuery = operation.operation === 'query';
    const rootType = facts.rootType(isQuery ? 'query' : 'mutation');
    const options = { subgraph: fetch.serviceName, facts };
    const thinned = thinSelections(operation.selectionSet, rootType, [needs], [], options, isQuery);
    if (thinned.cuts.length === 0) return assign(fetch, parts);
    const first = assign({ ...fetch, ...writeFetchText(fetch, operation, thinned.selections) }, new Set([firstPart]));
    const later = thinned.cuts.map((cut) =>
      cut.path.length === 0
        ? assign({ ...fetch, ...writeFetchText(fetch, operation, cut.selections) }, cut.parts)
        : assign(cutEntities(fetch, operation, cut, [[]], facts), cut.parts),
    );
    return { kind: 'Sequence', nodes: [first, { kind: 'Parallel', nodes: later }] };
  }

  return { node: split(plan), partsOf };
}

function keyOf({ alias, name }: FieldNode): string {
  return alias?.value ?? name.value;
}

function hasContextArguments(plan: PlanNode): boolean {
  return JSON.stringify(plan).includes('"contextArguments":[{');
}
