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

/** A place in the result tree with objects of one type, and the fetches that can be asked about them. */
export interface Spot {
  /** An interface where only a subgraph that has it as an object was asked. */
  readonly typeName: string;
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

export function newSpot(typeName: string, path: FlattenPath, parent: Spot | undefined): Spot {
  return {
    typeName,
    path,
    parent,
    sources: [],
    requiring: new Map(),
    leaves: new Map(),
    children: new Map(),
  };
}

/** The spot below a field, or for one type of a spot. */
export function childSpot(parent: Spot, typeName: string, segments: FlattenPath): Spot {
  const name = `${JSON.stringify(segments)} ${typeName}`;
  const found = parent.children.get(name) ?? newSpot(typeName, [...parent.path, ...segments], parent);
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
