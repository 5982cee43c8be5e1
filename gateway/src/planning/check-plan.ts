import { Kind, parse, print, visit, type DefinitionNode, type FieldNode, type SelectionNode } from 'graphql';
import type { FetchRequest, PlanNode, QueryPlan, RequiresSelection } from './query-plan.js';
import { providedBelow, providesField } from './tessera/provided.js';
import type { SubgraphField, SubgraphIndex } from './tessera/subgraph-index.js';
import { namedType } from './tessera/type-text.js';

/** @throws Error that says what a plan does wrong */
export type CheckPlan = (plan: QueryPlan) => void;

/** What a subgraph is told about the objects of a selection. */
interface Known {
  readonly provided: readonly SelectionNode[];
  /** Paths of the fields in the representation; undefined for objects that the subgraph itself gave. */
  readonly represented: ReadonlySet<string> | undefined;
}

/**
 * Creates a check of other people's plans: whether every subgraph is asked only for what it can answer where it is asked,
 * and is sent what it requires for that. A plan that fails it would give wrong data or errors.
 *
 * @param isWary whether plans are refused too of what planners are known to plan wrongly now and then: interfaces that a
 *   subgraph has as objects, what is required and requires something itself, and what is required with several arguments
 */
export function createPlanCheck(index: SubgraphIndex, isWary: boolean): CheckPlan {
  const requiring = isWary ? index.requiringFields : new Set<string>();
  const graphs = new Map(index.graphs.map((graph) => [index.serviceName(graph), graph]));
  const ambiguous = isWary ? findAmbiguous(index) : new Set<string>();

  /** @param before the names that were asked for before. @returns those that this node asks for */
  function checkNode(node: PlanNode, before: ReadonlySet<string>): ReadonlySet<string> {
    switch (node.kind) {
      case 'Fetch':
        return checkFetch(node, new Map([['_entities', node.requires ?? []]]), before);
      case 'BatchFetch':
        return checkFetch(
          node,
          new Map(node.entityBatch.aliases.map(({ alias, requires }) => [alias, requires])),
          before,
        );
      case 'Flatten':
        return checkNode(node.node, before);
      case 'Sequence': {
        const names = new Set(before);
        for (const child of node.nodes) for (const name of checkNode(child, names)) names.add(name);
        return names;
      }
      case 'Parallel':
        return new Set(node.nodes.flatMap((child) => [...checkNode(child, before)]));
      case 'Condition':
        return new Set(
          [node.ifClause, node.elseClause].flatMap((child) => (child == null ? [] : [...checkNode(child, before)])),
        );
      case 'Subscription':
        return checkFetch({ operationKind: 'subscription', ...node.primary }, new Map(), before);
      case 'Defer':
        throw new Error('Plan defers a part of the operation');
    }
  }

  function checkFetch(
    fetch: FetchRequest,
    entities: ReadonlyMap<string, readonly RequiresSelection[]>,
    before: ReadonlySet<string>,
  ): ReadonlySet<string> {
    const graph = graphs.get(fetch.serviceName);
    if (graph === undefined) throw new Error(`Plan asks ${fetch.serviceName}, which is no subgraph`);
    const { definitions } = parse(fetch.operation, { noLocation: true });
    const fragments = new Map<string, readonly SelectionNode[]>();
    for (const definition of definitions) {
      if (definition.kind === Kind.FRAGMENT_DEFINITION) {
        fragments.set(definition.name.value, [
          {
            kind: Kind.INLINE_FRAGMENT,
            typeCondition: definition.typeCondition,
            selectionSet: definition.selectionSet,
          },
        ]);
      }
    }
    const checkAll = (nodes: readonly SelectionNode[], typeName: string, known: Known): void => {
      for (const node of nodes) {
        if (node.kind === Kind.FIELD) checkField(node, typeName, known);
        else if (node.kind === Kind.FRAGMENT_SPREAD) checkAll(fragments.get(node.name.value) ?? [], typeName, known);
        else checkAll(node.selectionSet.selections, node.typeCondition?.name.value ?? typeName, known);
      }
    };
    const checkField = (node: FieldNode, typeName: string, known: Known): void => {
      const requires = entities.get(node.alias?.value ?? node.name.value);
      const below = node.selectionSet?.selections ?? [];
      if (node.name.value === '_entities' && requires !== undefined) {
        const represented = pathsOf(requires);
        assertAskedBefore(represented, fetch.serviceName, before);
        for (const entity of below) checkKey(entity, represented);
        checkAll(below, '_Entity', { provided: [], represented });
      } else if (node.name.value !== '__typename') {
        const own = checkOwn(typeName, node.name.value, known);
        const isObject = index.isComposite(namedType(own.type));
        if (isObject !== below.length > 0) {
          const what = `${typeName}.${node.name.value} of ${fetch.serviceName}`;
          throw new Error(`Plan asks for ${what} ${isObject ? 'without any field of it' : 'as if it were an object'}`);
        }
        const provided = [...own.provides, ...providedBelow(known.provided, typeName, node.name.value, index)];
        checkAll(below, namedType(own.type), { provided, represented: undefined });
      }
    };
    const checkKey = (entity: SelectionNode, represented: ReadonlySet<string>): void => {
      const typeName = entity.kind === Kind.INLINE_FRAGMENT ? entity.typeCondition?.name.value : undefined;
      if (typeName === undefined) return;
      const keys = index.keysIn(typeName, graph).map((key) => pathsOfSelections(key));
      if (keys.some((paths) => paths.every((path) => represented.has(path)))) return;
      throw new Error(`Plan asks ${fetch.serviceName} for ${typeName} without a key by which it would be found`);
    };
    const checkOwn = (typeName: string, name: string, known: Known): SubgraphField => {
      const own = index.fieldIn(typeName, name, graph);
      const what = `${typeName}.${name} of ${fetch.serviceName}`;
      if (isWary && index.isInterfaceObject(typeName, graph)) {
        throw new Error(`Plan goes through ${typeName} of ${fetch.serviceName}, an interface as an object`);
      }
      if (own === undefined) throw new Error(`Plan asks for ${what}, which it does not have`);
      if (own.isExternal && !providesField(known.provided, typeName, name, index)) {
        throw new Error(`Plan asks for ${what}, which is external`);
      }
      for (const member of index.membersIn(typeName, graph)) {
        const field = member === typeName ? own : index.fieldIn(member, name, graph);
        if (field !== undefined) checkRequired(field, what, known);
      }
      return own;
    };

    const kind = fetch.operationKind ?? 'query';
    const root = kind.slice(0, 1).toUpperCase() + kind.slice(1);
    for (const definition of definitions) {
      if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
      checkAll(definition.selectionSet.selections, root, { provided: [], represented: undefined });
    }
    return namesIn(definitions);
  }

  function checkRequired({ requires, contextArguments }: SubgraphField, what: string, { represented }: Known): void {
    if (contextArguments.length > 0) throw new Error(`Plan asks for ${what} without its context`);
    const paths = pathsOfSelections(requires);
    if (paths.some((path) => represented?.has(path) !== true)) {
      throw new Error(`Plan asks for ${what} without what it requires`);
    }
    if (requires.some((node) => mentions(node, requiring))) {
      throw new Error(`Plan asks for ${what}, which requires what requires something itself`);
    }
    if (requires.some((node) => mentions(node, ambiguous))) {
      throw new Error(`Plan may mistake the arguments of what ${what} requires`);
    }
  }

  return ({ node }) => {
    if (node != null) checkNode(node, new Set());
  };
}

/** An entity of which a part of its representation was never asked for would never be asked for either. */
function assertAskedBefore(represented: ReadonlySet<string>, serviceName: string, before: ReadonlySet<string>): void {
  for (const path of represented) {
    const name = path.slice(path.lastIndexOf('.') + 1);
    if (name !== '__typename' && !before.has(name)) {
      throw new Error(`Plan sends ${serviceName} ${path}, which was not asked for before`);
    }
  }
}

/** The names of all fields, and what they are renamed to: a key of the result tree is one or the other. */
function namesIn(definitions: readonly DefinitionNode[]): ReadonlySet<string> {
  const names = new Set<string>();
  for (const definition of definitions) {
    visit(definition, {
      Field({ name, alias }) {
        names.add(name.value);
        if (alias !== undefined) names.add(alias.value);
      },
    });
  }
  return names;
}

/** The fields that are required with different arguments in different places: planners give one value to all. */
function findAmbiguous(index: SubgraphIndex): ReadonlySet<string> {
  const texts = new Map<string, Set<string>>();
  for (const selections of index.requirements) {
    for (const selection of selections) {
      visit(selection, {
        Field({ name, arguments: given = [] }) {
          const text = given.map((argument) => print(argument)).join();
          texts.set(name.value, (texts.get(name.value) ?? new Set()).add(text));
        },
      });
    }
  }
  return new Set([...texts].flatMap(([name, all]) => (all.size > 1 ? [name] : [])));
}

function mentions(selection: SelectionNode, names: ReadonlySet<string>): boolean {
  let isMentioned = false;
  visit(selection, {
    Field({ name }) {
      isMentioned ||= names.has(name.value);
    },
  });
  return isMentioned;
}

function pathsOf(selections: readonly RequiresSelection[], prefix = '', paths = new Set<string>()): Set<string> {
  for (const selection of selections) {
    if (selection.kind === 'InlineFragment') pathsOf(selection.selections, prefix, paths);
    if (selection.kind !== 'Field') continue;
    const path = `${prefix}${selection.alias ?? selection.name}`;
    paths.add(path);
    pathsOf(selection.selections ?? [], `${path}.`, paths);
  }
  return paths;
}

function pathsOfSelections(selections: readonly SelectionNode[], prefix = ''): string[] {
  return selections.flatMap((node) => {
    if (node.kind === Kind.INLINE_FRAGMENT) return pathsOfSelections(node.selectionSet.selections, prefix);
    if (node.kind !== Kind.FIELD || node.name.value === '__typename') return [];
    const path = `${prefix}${node.name.value}`;
    return [path, ...pathsOfSelections(node.selectionSet?.selections ?? [], `${path}.`)];
  });
}
