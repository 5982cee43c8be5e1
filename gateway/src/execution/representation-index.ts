import type { RequiresSelection } from '../planning/query-plan.js';
import type { ResultTree } from './result-tree.js';

/**
 * Finds the place of a representation among those met so far.
 *
 * @param next the place that it gets where it is new
 */
export type IndexOf = (representation: ResultTree, next: number) => number;

/** Compiles how equal representations of one fetch are told: mostly they are a type and one key. */
export function compileIndex(requires: readonly RequiresSelection[]): () => IndexOf {
  const key = onlyKey(requires);
  return key === undefined ? createTextIndex : () => createKeyIndex(key);
}

/** By their text, whatever they are made of. */
export function createTextIndex(): IndexOf {
  const places = new Map<string, number>();
  return (representation, next) => {
    const text = JSON.stringify(representation);
    const known = places.get(text);
    if (known !== undefined) return known;
    places.set(text, next);
    return next;
  };
}

/** By type and one scalar: a third of the price of their texts, which are then written all at once. */
function createKeyIndex(key: string): IndexOf {
  const types = new Map<unknown, Map<unknown, number>>();
  const byText = createTextIndex();
  return (representation, next) => {
    const value = representation[key];
    // A custom scalar may be anything, and what is equal may be different objects.
    if (typeof value === 'object' && value !== null) return byText(representation, next);
    const typename = representation['__typename'];
    let places = types.get(typename);
    if (places === undefined) types.set(typename, (places = new Map()));
    const known = places.get(value);
    if (known !== undefined) return known;
    places.set(value, next);
    return next;
  };
}

/** The one field beside `__typename` that all representations have, whatever their type. */
function onlyKey(requires: readonly RequiresSelection[]): string | undefined {
  const names = new Set<string>();
  for (const selection of requires) {
    if (selection.kind !== 'InlineFragment' || selection.skipIf != null || selection.includeIf != null)
      return undefined;
    for (const field of selection.selections) {
      if (field.kind !== 'Field' || field.selections != null) return undefined;
      names.add(field.name);
    }
  }
  names.delete('__typename');
  const [name, ...others] = names;
  return others.length === 0 ? name : undefined;
}
