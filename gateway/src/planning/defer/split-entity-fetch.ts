import { Kind, type FieldNode, type OperationDefinitionNode, type SelectionSetNode } from 'graphql';
import type {
  BatchFetchNode,
  EntityBatchAlias,
  FetchNode,
  FlattenPath,
  PlanNode,
  RequiresSelection,
} from '../query-plan.js';
import { cutEntities } from './cut-entities.js';
import type { EntityFacts } from './entity-facts.js';
import { readFetchText, selectionSetOf, writeFetchText } from './fetch-text.js';
import { firstPart, needsAlong, partsWithin, type Need, type Part } from './needs.js';
import type { Assign } from './split-plan.js';
import { thinSelections } from './thin-selections.js';

interface EntitySplitOptions {
  readonly needs: Need;
  readonly facts: EntityFacts;
  readonly assign: Assign;
}

/** One `_entities` field of a fetch, or a share of it. */
interface Share {
  readonly alias: EntityBatchAlias;
  readonly field: FieldNode;
  readonly parts: ReadonlySet<Part>;
}

const onlyFirst: ReadonlySet<Part> = new Set([firstPart]);

/** A fetch of entities at one path, in the terms of one at many. */
export function toBatch(fetch: FetchNode, path: FlattenPath): BatchFetchNode {
  const { requires, inputRewrites, outputRewrites, ...request } = fetch;
  return {
    ...request,
    kind: 'BatchFetch',
    entityBatch: {
      aliases: [
        {
          alias: '_entities',
          representationsVariableName: 'representations',
          paths: [path],
          requires: requires ?? [],
          inputRewrites: inputRewrites ?? [],
          outputRewrites: outputRewrites ?? [],
        },
      ],
    },
  };
}

/** Divides a fetch of entities by the parts of the answer that need its fields. */
export function splitEntityFetch(fetch: BatchFetchNode, { needs, facts, assign }: EntitySplitOptions): PlanNode {
  const operation = readFetchText(fetch.operation);
  const options = { subgraph: fetch.serviceName, facts };
  const shares: Share[] = [];
  const deeper: PlanNode[] = [];

  function divide(alias: EntityBatchAlias, field: FieldNode, selectionSet: SelectionSetNode): void {
    const objects = alias.paths.map((path) => needsAlong(needs, path).at(-1) ?? needs);
    const isRewritten = (alias.outputRewrites ?? []).length > 0;
    const parts = isRewritten ? union(objects.map(partsWithin)) : partsOfFields(selectionSet, objects);
    if (isRewritten || !parts.has(firstPart) || parts.size === 1) return void shares.push({ alias, field, parts });
    const { selections, cuts } = thinSelections(selectionSet, '', objects, [], options, true);
    shares.push({ alias, field: { ...field, selectionSet: selectionSetOf(selections) }, parts: onlyFirst });
    for (const cut of cuts) {
      if (cut.path.length > 0) {
        deeper.push(assign(cutEntities(fetch, operation, cut, alias.paths, facts), cut.parts));
        continue;
      }
      const typeCondition = { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: cut.typeName } } as const;
      const fragment = {
        kind: Kind.INLINE_FRAGMENT,
        typeCondition,
        selectionSet: selectionSetOf(cut.selections),
      } as const;
      shares.push({ alias, field: { ...field, selectionSet: selectionSetOf([fragment]) }, parts: cut.parts });
    }
  }

  for (const alias of fetch.entityBatch.aliases) {
    const field = operation.selectionSet.selections.find(
      (selection) => selection.kind === Kind.FIELD && (selection.alias?.value ?? selection.name.value) === alias.alias,
    );
    if (field?.kind === Kind.FIELD && field.selectionSet !== undefined) divide(alias, field, field.selectionSet);
  }
  for (const { alias, parts } of shares) markNeeds(alias, parts.size === 0 ? onlyFirst : parts, needs);
  const nodes = gather(shares).map((together) =>
    assign(write(fetch, operation, together), union(together.map(partsOf))),
  );
  const [only] = nodes;
  if (only !== undefined && nodes.length + deeper.length === 1) return only;
  // Fields that were cut below come by keys that the first share brings.
  return {
    kind: 'Sequence',
    nodes: [
      { kind: 'Parallel', nodes },
      { kind: 'Parallel', nodes: deeper },
    ],
  };
}

function partsOf({ parts }: Share): ReadonlySet<Part> {
  return parts;
}

/** Shares that are needed at the same time go in one request. */
function gather(shares: readonly Share[]): Share[][] {
  const groups = new Map<string, Share[]>();
  for (const share of shares) {
    const signature = share.parts.has(firstPart) || share.parts.size === 0 ? '' : [...share.parts].sort().join();
    const group = groups.get(signature) ?? [];
    // One alias stands once in a request.
    const isTaken = group.some(({ alias }) => alias.alias === share.alias.alias);
    groups.set(isTaken ? `${signature}:${groups.size}` : signature, isTaken ? [share] : [...group, share]);
  }
  return [...groups.values()];
}

function write(fetch: BatchFetchNode, operation: OperationDefinitionNode, shares: readonly Share[]): BatchFetchNode {
  const selections = shares.map(({ field }) => field);
  return {
    kind: 'BatchFetch',
    ...writeFetchText(fetch, operation, selections),
    entityBatch: { aliases: shares.map(({ alias }) => alias) },
  };
}

/** What brings the entities, and what their representations are made of, is needed by whatever is asked of them. */
function markNeeds({ paths, requires }: EntityBatchAlias, parts: ReadonlySet<Part>, needs: Need): void {
  for (const path of paths) {
    const along = needsAlong(needs, path);
    for (const need of along) need.mark(parts);
    markRequired(along.at(-1) ?? needs, requires, parts);
  }
}

function markRequired(need: Need, requires: readonly RequiresSelection[], parts: ReadonlySet<Part>): void {
  for (const selection of requires) {
    if (selection.kind === 'InlineFragment') markRequired(need, selection.selections, parts);
    if (selection.kind !== 'Field') continue;
    const below = need.at(selection.name);
    below.mark(parts);
    markRequired(below, selection.selections ?? [], parts);
  }
}

function partsOfFields({ selections }: SelectionSetNode, objects: readonly Need[]): Set<Part> {
  return union(
    selections.map((selection) => {
      if (selection.kind === Kind.INLINE_FRAGMENT) return partsOfFields(selection.selectionSet, objects);
      if (selection.kind !== Kind.FIELD) return new Set<Part>();
      const key = selection.alias?.value ?? selection.name.value;
      return union(objects.map(({ below }) => below.get(key)?.parts ?? new Set<Part>()));
    }),
  );
}

function union(sets: readonly ReadonlySet<Part>[]): Set<Part> {
  return new Set(sets.flatMap((set) => [...set]));
}
