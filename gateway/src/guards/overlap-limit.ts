import { AppError } from '@tessera/service/errors';
import { Kind, type DocumentNode, type FragmentDefinitionNode, type SelectionSetNode } from 'graphql';

/**
 * Makes the check that bounds what the rule OverlappingFieldsCanBeMerged has to do: graphql-js compares each two fields of
 * one response key in one scope, and each two fragments, so that 5,000 times the same field is 12 million comparisons. Here
 * they are only counted, by walking what the fragments spread to; that must be bounded before.
 *
 * @returns a check that throws AppError `OPERATION_TOO_COMPLEX`
 */
export function createOverlapLimit(maxComparisons: number): (document: DocumentNode) => void {
  return (document) => {
    const fragments = new Map<string, FragmentDefinitionNode>();
    for (const definition of document.definitions) {
      if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
    }
    let comparisons = 0;
    const compare = (count: number): void => {
      comparisons += (count * (count - 1)) / 2;
      if (comparisons <= maxComparisons) return;
      throw new AppError('OPERATION_TOO_COMPLEX', 'Document selects the same fields too often', {
        details: { limit: maxComparisons },
      });
    };
    for (const definition of document.definitions) {
      if ('selectionSet' in definition) compareScope([definition.selectionSet], fragments, compare);
    }
  };
}

/** One scope: everything that is answered into one object. */
function compareScope(
  selectionSets: readonly SelectionSetNode[],
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  compare: (count: number) => void,
): void {
  const groups = new Map<string, { count: number; readonly inner: SelectionSetNode[] }>();
  const spread = new Set<string>();
  const pending = [...selectionSets];
  for (let set = pending.pop(); set !== undefined; set = pending.pop()) {
    for (const selection of set.selections) {
      if (selection.kind === Kind.INLINE_FRAGMENT) pending.push(selection.selectionSet);
      else if (selection.kind === Kind.FRAGMENT_SPREAD) {
        const name = selection.name.value;
        const fragment = fragments.get(name);
        if (fragment === undefined || spread.has(name)) continue;
        spread.add(name);
        pending.push(fragment.selectionSet);
      } else {
        const key = selection.alias?.value ?? selection.name.value;
        const group = groups.get(key) ?? { count: 0, inner: [] };
        groups.set(key, group);
        group.count += 1;
        if (selection.selectionSet !== undefined) group.inner.push(selection.selectionSet);
      }
    }
  }
  compare(spread.size);
  for (const { count, inner } of groups.values()) {
    compare(count);
    if (inner.length > 0) compareScope(inner, fragments, compare);
  }
}
