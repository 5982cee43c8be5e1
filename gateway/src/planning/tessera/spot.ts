import type { ArgumentNode, SelectionNode } from 'graphql';
import type { ContextArgument, FlattenPath, RequiresSelection, Rewrite } from '../query-plan.js';
import { newSelection, type FetchSelection } from './fetch-selection.js';

/** One fetch: from the root of a subgraph, or of entities of one type. */
export interface FetchGroup {
  readonly graph: string;
  /** Where its objects stand. */
  readonly path: FlattenPath;
  /** Undefined for a fetch from the root. */
  readonly entity: EntityPart | undefined;
  /** What has to be there before it runs; complete from the beginning, so that there are no circles. */
  readonly dependencies: ReadonlySet<FetchGroup>;
  readonly selection: FetchSelection;
}

/** What makes a fetch one of entities. */
export interface EntityPart {
  /** The type that is asked for: an interface where the subgraph has the interface as an entity. */
  readonly typeName: string;
  readonly requires: readonly RequiresSelection[];
  readonly inputRewrites: readonly Rewrite[];
  readonly contextArguments: readonly ContextArgument[];
}

/** One type, or several. */
export type TypeNames = readonly [string, ...string[]];

/** A place in the result tree with objects of one type, or of types that are alike here, and the fetches that can be asked about them. */
export interface Spot {
  /** The first of its types, for all of them; an interface where only a subgraph that has it as an object was asked. */
  readonly typeName: string;
  readonly typeNames: TypeNames;
  readonly path: FlattenPath;
  readonly parent: Spot | undefined;
  /** The fetches that go on here, in the order in which they were found. */
  readonly sources: Source[];
  /** Fetches that were opened here for what they require. */
  readonly requiring: Map<string, Source>;
  /** Which fetch brings a leaf. */
  readonly leaves: Map<string, FetchGroup>;
  readonly children: Map<string, Spot>;
}

/** A fetch that reaches a spot. */
export interface Source {
  readonly graph: string;
  readonly group: FetchGroup;
  readonly selection: FetchSelection;
  /** The spot's type as the subgraph has it: the object type, or an interface that it has as an object. */
  readonly typeName: string;
  /** External fields that the subgraph can answer here all the same. */
  readonly provided: readonly SelectionNode[];
  /** What the gateway gives to the field that the fetch was opened for (`@fromContext`). */
  readonly contextArguments: readonly ArgumentNode[];
}

export function newSpot(typeNames: TypeNames, path: FlattenPath, parent: Spot | undefined): Spot {
  return {
    typeName: typeNames[0],
    typeNames,
    path,
    parent,
    sources: [],
    requiring: new Map(),
    leaves: new Map(),
    children: new Map(),
  };
}

/** The spot below a field, or for some types of a spot. */
export function childSpot(parent: Spot, typeNames: TypeNames, segments: FlattenPath): Spot {
  const name = `${JSON.stringify(segments)} ${typeNames.join()}`;
  const found = parent.children.get(name) ?? newSpot(typeNames, [...parent.path, ...segments], parent);
  parent.children.set(name, found);
  return found;
}

export function newGroup(
  graph: string,
  path: FlattenPath,
  entity: EntityPart | undefined,
  dependencies: ReadonlySet<FetchGroup>,
): FetchGroup {
  return { graph, path, entity, dependencies, selection: newSelection() };
}
