import type { SelectionNode } from 'graphql';
import { collectFields, noFragments } from './collect-fields.js';
import type { SubgraphIndex } from './subgraph-index.js';
import { namedType } from './type-text.js';

/** A type as one subgraph has it: where that is an interface as an object, there may be several for one object type. */
export interface Site {
  readonly graph: string;
  readonly typeName: string;
}

/** How an entity is found in one more subgraph. */
export interface Way extends Site {
  readonly key: readonly SelectionNode[];
  /** How many other subgraphs have to be asked before, one after the other. */
  readonly steps: number;
}

/** Tells which subgraphs can be asked about an object that some subgraphs already were asked about. */
export interface Reach {
  /** All ways to further subgraphs, the shortest first. */
  ways(typeName: string, from: readonly Site[]): readonly Way[];
  /** Whether a selection can be had from some subgraphs, and from those that they lead to below it. */
  canSupply(typeName: string, selections: readonly SelectionNode[], from: readonly Site[]): boolean;
}

export function nameOfSite({ graph, typeName }: Site): string {
  return `${graph} ${typeName}`;
}

export function createReach(index: SubgraphIndex): Reach {
  const known = new Map<string, readonly Way[]>();
  const sites = new Map<string, readonly Site[]>();

  /** Wherever the object is known, under whatever names. */
  function sitesOf(typeName: string): readonly Site[] {
    const found =
      sites.get(typeName) ??
      [typeName, ...index.interfacesOf(typeName)].flatMap((name) =>
        index.graphs.filter((graph) => index.isObjectIn(name, graph)).map((graph) => ({ graph, typeName: name })),
      );
    sites.set(typeName, found);
    return found;
  }

  function ways(typeName: string, from: readonly Site[]): readonly Way[] {
    const name = [typeName, ...from.map(nameOfSite).sort()].join();
    const found = known.get(name);
    if (found !== undefined) return found;
    // While it is being found out: a key that goes through the type itself leads nowhere new.
    known.set(name, []);
    const all = findWays(typeName, from);
    known.set(name, all);
    return all;
  }

  function findWays(typeName: string, from: readonly Site[]): Way[] {
    const all: Way[] = [];
    const reached = [...from];
    const names = new Set(from.map(nameOfSite));
    for (let steps = 1; ; steps += 1) {
      const next = sitesOf(typeName).flatMap((site): Way[] => {
        if (names.has(nameOfSite(site))) return [];
        const keys = index.keysIn(site.typeName, site.graph);
        const key = keys.find((candidate) => canSupply(typeName, candidate, reached));
        return key === undefined ? [] : [{ ...site, key, steps }];
      });
      if (next.length === 0) return all;
      all.push(...next);
      reached.push(...next);
      for (const site of next) names.add(nameOfSite(site));
    }
  }

  function canSupply(typeName: string, selections: readonly SelectionNode[], from: readonly Site[]): boolean {
    return collectFields(selections, typeName, noFragments, index).every((field) => {
      if (field.name === '__typename') return true;
      const types = from.flatMap(({ graph, typeName: there }) => {
        const own = index.fieldIn(there, field.name, graph);
        const isOwn =
          own !== undefined && !own.isExternal && own.requires.length === 0 && own.contextArguments.length === 0;
        return isOwn ? [{ graph, typeName: namedType(own.type) }] : [];
      });
      const [first] = types;
      if (first === undefined) return false;
      if (field.selections === undefined) return true;
      return canSupply(first.typeName, field.selections, [...types, ...ways(first.typeName, types)]);
    });
  }

  return { ways, canSupply };
}
