import { Kind, print, type ArgumentNode, type SelectionNode } from 'graphql';
import type { ContextArgument, RequiresSelection } from '../query-plan.js';
import { collectFields, noFragments, type WantedField } from './collect-fields.js';
import { selectionOn } from './fetch-selection.js';
import type { PlaceFields } from './place-fields.js';
import { providesField } from './provided.js';
import type { ContextJoin } from './read-joins.js';
import { nameOfSite, type Reach, type Site, type Way } from './reach.js';
import { representSelection, type RequiredKeys } from './represent-selection.js';
import { newGroup, type FetchGroup, type Source, type Spot } from './spot.js';
import type { SubgraphField, SubgraphIndex } from './subgraph-index.js';

export interface Candidate {
  readonly source: Source;
  /** The field as this source's subgraph has it; undefined for `__typename`. */
  readonly own: SubgraphField | undefined;
}

/** Finds the fetches that can be asked for a field, and opens them as they are wanted. */
export interface OpenSources {
  /** The nearest first. */
  candidates(spot: Spot, field: WantedField, only: ReadonlySet<string> | undefined): Iterable<Candidate>;
  /** The fetch that tells of which type the objects are that came from where an interface is an object. */
  home(spot: Spot): Source | undefined;
}

export interface OpenSourcesOptions {
  readonly index: SubgraphIndex;
  readonly reach: Reach;
  readonly keys: RequiredKeys;
  readonly isRoot: (typeName: string) => boolean;
  /** Gives a variable's name that nothing else has, and remembers its type. */
  readonly newVariable: (type: string) => string;
}

/** What a fetch needs of its entities before it can run. */
interface Needs {
  readonly selections: SelectionNode[];
  readonly dependencies: Set<FetchGroup>;
}

export function createOpenSources(
  { index, reach, keys, isRoot, newVariable }: OpenSourcesOptions,
  place: PlaceFields['place'],
): OpenSources {
  const sitesOf = ({ sources }: Spot): Site[] => sources.map(({ graph, typeName }) => ({ graph, typeName }));
  const isPlain = ({ requires, contextArguments }: SubgraphField): boolean =>
    requires.length === 0 && contextArguments.length === 0;

  function* candidates(spot: Spot, field: WantedField, only: ReadonlySet<string> | undefined): Generator<Candidate> {
    const { name } = field;
    const isAllowed = (site: Site): boolean => only?.has(nameOfSite(site)) !== false;
    const known = spot.sources.filter(isAllowed);
    if (name === '__typename') {
      const [source] = spot.sources;
      if (source !== undefined) yield { source, own: undefined };
      return;
    }
    for (const source of known) {
      const own = index.fieldIn(source.typeName, name, source.graph);
      if (own === undefined || !isPlain(own)) continue;
      if (!own.isExternal || providesField(source.provided, spot.typeName, name, index)) yield { source, own };
    }
    if (isRoot(spot.typeName)) {
      yield* openRoots(spot, name);
      return;
    }
    const from = sitesOf(spot);
    const ways = reach.ways(spot.typeName, from).filter(isAllowed);
    for (const way of ways) {
      const own = index.fieldIn(way.typeName, name, way.graph);
      if (own === undefined || own.isExternal || !isPlain(own)) continue;
      const source = openWay(spot, way, from);
      if (source !== undefined) yield { source, own };
    }
    const sites = new Map([...known, ...ways].map((site) => [nameOfSite(site), site]));
    for (const { graph, typeName } of sites.values()) {
      const own = index.fieldIn(typeName, name, graph);
      if (own === undefined || own.isExternal || isPlain(own)) continue;
      const source = openRequiring(spot, graph, typeName, own);
      if (source !== undefined) yield { source, own };
    }
  }

  function* openRoots(spot: Spot, name: string): Generator<Candidate> {
    for (const graph of index.graphs) {
      const own = index.fieldIn(spot.typeName, name, graph);
      if (own === undefined || own.isExternal || spot.sources.some((source) => source.graph === graph)) continue;
      const group = newGroup(graph, spot.path, undefined, new Set(spot.sources.slice(0, 1).map((one) => one.group)));
      const { selection } = group;
      const source = { graph, group, selection, typeName: spot.typeName, provided: [], contextArguments: [] };
      spot.sources.push(source);
      yield { source, own };
    }
  }

  /** Adds what a selection needs. @returns whether all of it can be had */
  function need(spot: Spot, selections: readonly SelectionNode[], needs: Needs, only?: ReadonlySet<string>): boolean {
    const keyed = keys.keyed(selections);
    const { left, groups } = place(spot, collectFields(keyed, spot.typeName, noFragments, index), only);
    for (const group of groups) needs.dependencies.add(group);
    needs.selections.push(...keyed);
    return left.length === 0;
  }

  function openEntity(
    spot: Spot,
    graph: string,
    typeName: string,
    { selections, dependencies }: Needs,
    context: readonly (ContextArgument & { readonly argument: ArgumentNode })[] = [],
  ): Source {
    const [first] = spot.sources;
    if (first !== undefined) {
      first.selection.asksTypename = true;
      dependencies.add(first.group);
    }
    const own = representSelection(selections, spot.typeName, index);
    const represented: readonly RequiresSelection[] = [{ kind: 'Field', name: '__typename' }, ...own];
    const group = newGroup(
      graph,
      spot.path,
      {
        typeName,
        requires: spot.typeNames.map((typeCondition) => ({
          kind: 'InlineFragment',
          typeCondition,
          selections: represented,
        })),
        inputRewrites: index.possibleTypes(typeName).has(typeName)
          ? []
          : [
              {
                ValueSetter: {
                  path: [{ TypenameEquals: spot.typeNames }, { Key: '__typename' }],
                  setValueTo: typeName,
                },
              },
            ],
        contextArguments: context.map(({ variable, depth, path }) => ({ variable, depth, path })),
      },
      dependencies,
    );
    const selection = selectionOn(group.selection, typeName === spot.typeName ? spot.typeNames : [typeName]);
    return { graph, group, selection, typeName, provided: [], contextArguments: context.map((one) => one.argument) };
  }

  function openWay(spot: Spot, way: Way, from: readonly Site[]): Source | undefined {
    const opened = spot.sources.find(({ graph, typeName }) => graph === way.graph && typeName === way.typeName);
    if (opened !== undefined) return opened;
    const nearer = reach.ways(spot.typeName, from).filter(({ steps }) => steps < way.steps);
    const needs: Needs = { selections: [], dependencies: new Set() };
    if (!need(spot, way.key, needs, new Set([...from, ...nearer].map(nameOfSite)))) return undefined;
    const source = openEntity(spot, way.graph, way.typeName, needs);
    spot.sources.push(source);
    return source;
  }

  /** Another fetch for each thing that is required: whoever requires nothing must not miss it where it fails. */
  function openRequiring(spot: Spot, graph: string, typeName: string, own: SubgraphField): Source | undefined {
    const name = `${graph} ${typeName} ${own.requires.map((node) => print(node)).join(' ')} ${JSON.stringify(own.contextArguments)}`;
    const opened = spot.requiring.get(name);
    if (opened !== undefined) return opened;
    const near = sitesOf(spot);
    const far = [...near, ...reach.ways(spot.typeName, near)];
    const all = index.keysIn(typeName, graph);
    const key =
      all.find((candidate) => reach.canSupply(spot.typeName, candidate, near)) ??
      all.find((candidate) => reach.canSupply(spot.typeName, candidate, far));
    const needs: Needs = { selections: [], dependencies: new Set() };
    if (key === undefined || !need(spot, key, needs) || !need(spot, own.requires, needs)) return undefined;
    const context = own.contextArguments.map((join) => openContext(spot, join, needs));
    if (!context.every((argument) => argument !== undefined)) return undefined;
    const source = openEntity(spot, graph, typeName, needs, context);
    spot.requiring.set(name, source);
    return source;
  }

  function openContext({ parent }: Spot, join: ContextJoin, { dependencies }: Needs) {
    let ancestor = parent;
    while (ancestor !== undefined && !index.contextsOf(ancestor.typeName).includes(join.context)) {
      ancestor = ancestor.parent;
    }
    if (ancestor === undefined) return undefined;
    const needs: Needs = { selections: [], dependencies };
    if (!need(ancestor, join.selections, needs)) return undefined;
    const path: string[] = [];
    let fields = collectFields(needs.selections, ancestor.typeName, noFragments, index);
    for (let [field] = fields; field !== undefined; [field] = fields) {
      path.push(field.key);
      fields = collectFields(field.selections ?? [], ancestor.typeName, noFragments, index);
    }
    const variable = newVariable(join.type);
    const argument: ArgumentNode = {
      kind: Kind.ARGUMENT,
      name: { kind: Kind.NAME, value: join.name },
      value: { kind: Kind.VARIABLE, name: { kind: Kind.NAME, value: variable } },
    };
    return { variable, depth: ancestor.path.length, path, argument };
  }

  return {
    candidates,
    home(spot) {
      const opened = spot.requiring.get('home');
      if (opened !== undefined) return opened;
      const near = sitesOf(spot);
      for (const graph of index.graphs) {
        if (index.isObjectIn(spot.typeName, graph)) continue;
        const key = index.keysIn(spot.typeName, graph).find((one) => reach.canSupply(spot.typeName, one, near));
        const needs: Needs = { selections: [], dependencies: new Set() };
        if (key === undefined || !need(spot, key, needs)) continue;
        const source = openEntity(spot, graph, spot.typeName, needs);
        source.selection.asksTypename = true;
        spot.requiring.set('home', source);
        return source;
      }
      return undefined;
    },
  };
}
