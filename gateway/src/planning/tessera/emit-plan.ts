import { print, visit, type OperationTypeNode, type VariableDefinitionNode } from 'graphql';
import type { EntityBatchAlias, FetchNode, PlanNode, Rewrite } from '../query-plan.js';
import { avoidConflicts } from './avoid-conflicts.js';
import { argumentsOf, type FetchSelection } from './fetch-selection.js';
import { SelectionPrinter, type PrintedSelection } from './print-selection.js';
import type { EntityPart, FetchGroup } from './spot.js';
import type { SubgraphIndex } from './subgraph-index.js';

export interface EmitOptions {
  readonly index: SubgraphIndex;
  readonly operationKind: OperationTypeNode;
  readonly variableDefinitions: readonly VariableDefinitionNode[];
  /** The types of the variables that carry arguments from a context. */
  readonly contextVariables: ReadonlyMap<string, string>;
  /** What the variables of representations begin with. */
  readonly representationsPrefix: string;
}

interface EntityGroup extends FetchGroup {
  readonly entity: EntityPart;
}

/** One `_entities` field: of several groups, where they ask the same of the same kind of entities. */
interface Merged {
  readonly groups: EntityGroup[];
  readonly printed: PrintedSelection;
  readonly outputRewrites: readonly Rewrite[];
}

/** Says groups of fields as a plan: what does not depend on each other side by side, one request for each subgraph. */
export function emitPlan(groups: ReadonlySet<FetchGroup>, options: EmitOptions): PlanNode | undefined {
  const { index, operationKind } = options;
  const printer = new SelectionPrinter(index);
  const levels = inLevels(groups);
  if (operationKind === 'subscription') return emitStream(levels);
  const nodes = levels.map((level, depth) => inParallel(emitLevel(level, depth === 0 ? operationKind : 'query')));
  const [only] = nodes;
  return nodes.length > 1 ? { kind: 'Sequence', nodes } : only;

  /** The first request opens the stream; the others complete its events. */
  function emitStream([first = [], ...rest]: readonly FetchGroup[][]): PlanNode {
    const [primary, ...others] = emitLevel(first, operationKind);
    if (primary?.kind !== 'Fetch' || others.length > 0) throw new Error('Subscription needs more than one stream');
    return {
      kind: 'Sequence',
      nodes: [{ kind: 'Subscription', primary }, ...rest.map((level) => inParallel(emitLevel(level, 'query')))],
    };
  }

  function emitLevel(level: readonly FetchGroup[], kind: string): PlanNode[] {
    const roots = level.filter(({ entity }) => entity === undefined).map((group) => emitRoot(group, kind));
    const entities = level.filter(isEntityGroup);
    const contextual = entities.filter(({ entity }) => entity.contextArguments.length > 0);
    const plain = entities.filter(({ entity }) => entity.contextArguments.length === 0);
    const batches = Map.groupBy(plain, ({ graph }) => graph);
    return [
      ...roots,
      ...contextual.flatMap((group) => mergeGroups([group]).map(emitEntities)),
      ...[...batches.values()].map((batch) => emitBatch(mergeGroups(batch))),
    ];
  }

  function isLeaf(typeName: string): boolean {
    return !index.isComposite(typeName);
  }

  function emitRoot({ graph, path, selection }: FetchGroup, kind: string): PlanNode {
    const outputRewrites = avoidConflicts(selection, isLeaf);
    const rootName = kind.slice(0, 1).toUpperCase() + kind.slice(1);
    const printed = printer.print(selection, graph, rootName);
    const fetch: FetchNode = {
      kind: 'Fetch',
      serviceName: index.serviceName(graph),
      operationKind: kind === 'query' ? 'query' : kind === 'mutation' ? 'mutation' : 'subscription',
      operation: withFragments(`${kind}${definitions([selection], [])} ${printed.text}`, [printed]),
      variableUsages: usages([selection]),
      outputRewrites,
    };
    return path.length === 0 ? fetch : { kind: 'Flatten', path, node: fetch };
  }

  function emitEntities({ groups: [group], printed, outputRewrites }: Merged): PlanNode {
    if (group === undefined) throw new TypeError('A fetch of no entities');
    const { graph, path, entity, selection } = group;
    return {
      kind: 'Flatten',
      path,
      node: {
        kind: 'Fetch',
        serviceName: index.serviceName(graph),
        operationKind: 'query',
        operation: withFragments(
          `query${definitions([selection], ['representations'])} { _entities(representations: $representations) ${printed.text} }`,
          [printed],
        ),
        variableUsages: usages([selection]),
        requires: entity.requires,
        inputRewrites: entity.inputRewrites,
        outputRewrites,
        contextArguments: entity.contextArguments,
      },
    };
  }

  function emitBatch(merged: readonly Merged[]): PlanNode {
    const [first] = merged;
    if (first !== undefined && merged.length === 1 && first.groups.length === 1) return emitEntities(first);
    const selections = merged.flatMap(({ groups: [group] }) => (group === undefined ? [] : [group.selection]));
    const aliases = merged.map(({ groups: same, outputRewrites }, position): EntityBatchAlias => {
      const entity = same[0]?.entity;
      return {
        alias: `_${position}`,
        representationsVariableName: `${options.representationsPrefix}${position}`,
        paths: same.map(({ path }) => path),
        requires: entity?.requires ?? [],
        inputRewrites: entity?.inputRewrites ?? [],
        outputRewrites,
      };
    });
    const fields = aliases.map(
      ({ alias, representationsVariableName }, position) =>
        `${alias}: _entities(representations: $${representationsVariableName}) ${merged[position]?.printed.text}`,
    );
    const variables = aliases.map(({ representationsVariableName }) => representationsVariableName);
    return {
      kind: 'BatchFetch',
      serviceName: index.serviceName(first?.groups[0]?.graph ?? ''),
      operationKind: 'query',
      operation: withFragments(
        `query${definitions(selections, variables)} { ${fields.join(' ')} }`,
        merged.map(({ printed }) => printed),
      ),
      variableUsages: usages(selections),
      entityBatch: { aliases },
    };
  }

  /** Groups that ask the same of the same kind of entities are one, with several paths. */
  function mergeGroups(same: readonly EntityGroup[]): Merged[] {
    const merged = new Map<string, Merged>();
    for (const group of same) {
      const outputRewrites = avoidConflicts(group.selection, isLeaf);
      const printed = printer.print(group.selection, group.graph);
      const name = JSON.stringify([printed.text, group.entity.requires, group.entity.inputRewrites]);
      const known = merged.get(name);
      if (known === undefined) merged.set(name, { groups: [group], printed, outputRewrites });
      else known.groups.push(group);
    }
    return [...merged.values()];
  }

  function variablesOf(selections: readonly FetchSelection[]): ReadonlySet<string> {
    const names = new Set<string>();
    for (const selection of selections) {
      for (const argument of argumentsOf(selection))
        visit(argument, { Variable: ({ name }) => void names.add(name.value) });
    }
    return names;
  }

  function usages(selections: readonly FetchSelection[]): string[] {
    return [...variablesOf(selections)].filter((name) => !options.contextVariables.has(name));
  }

  function definitions(selections: readonly FetchSelection[], representations: readonly string[]): string {
    const names = variablesOf(selections);
    const own = options.variableDefinitions.filter(({ variable }) => names.has(variable.name.value));
    const context = [...options.contextVariables].filter(([name]) => names.has(name));
    const all = [
      ...representations.map((name) => `$${name}: [_Any!]!`),
      ...own.map((definition) => print({ ...definition, directives: [] })),
      ...context.map(([name, type]) => `$${name}: ${type}`),
    ];
    return all.length === 0 ? '' : `(${all.join(', ')})`;
  }
}

function withFragments(operation: string, printed: readonly PrintedSelection[]): string {
  const fragments = new Set(printed.flatMap((one) => [...one.fragments]));
  return [operation, ...fragments].join(' ');
}

function isEntityGroup(group: FetchGroup): group is EntityGroup {
  return group.entity !== undefined;
}

function inParallel(nodes: readonly PlanNode[]): PlanNode {
  const [only] = nodes;
  return only !== undefined && nodes.length === 1 ? only : { kind: 'Parallel', nodes };
}

/** Each group as early as what it depends on allows. */
function inLevels(groups: ReadonlySet<FetchGroup>): FetchGroup[][] {
  const levels = new Map<FetchGroup, number>();
  const levelOf = (group: FetchGroup): number => {
    const known = levels.get(group);
    if (known !== undefined) return known;
    const level = Math.max(-1, ...[...group.dependencies].map(levelOf)) + 1;
    levels.set(group, level);
    return level;
  };
  const result: FetchGroup[][] = [];
  for (const group of groups) levelOf(group);
  for (const [group, level] of levels) (result[level] ??= []).push(group);
  return result.map((level) => level);
}
