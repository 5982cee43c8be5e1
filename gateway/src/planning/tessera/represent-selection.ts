import { Kind, print, type FieldNode, type SelectionNode } from 'graphql';
import type { RequiresSelection } from '../query-plan.js';
import { collectFields, noFragments } from './collect-fields.js';
import type { SubgraphIndex } from './subgraph-index.js';
import { namedType } from './type-text.js';

/** Gives required fields keys of the result tree: one of its own to each field with arguments. */
export interface RequiredKeys {
  keyed(selections: readonly SelectionNode[]): readonly SelectionNode[];
}

export function createRequiredKeys(isTaken: (key: string) => boolean): RequiredKeys {
  const keys = new Map<string, string>();

  function keyOf({ name, arguments: given = [] }: FieldNode): string {
    const identity = `${name.value}(${given.map((argument) => print(argument)).join()})`;
    const known = keys.get(identity);
    if (known !== undefined) return known;
    let key = `_r${keys.size}_${name.value}`;
    while (isTaken(key)) key = `_${key}`;
    keys.set(identity, key);
    return key;
  }

  function keyed(selections: readonly SelectionNode[]): readonly SelectionNode[] {
    return selections.map((node): SelectionNode => {
      if (node.kind === Kind.FRAGMENT_SPREAD) return node;
      const below =
        node.selectionSet === undefined
          ? {}
          : { selectionSet: { ...node.selectionSet, selections: keyed(node.selectionSet.selections) } };
      if (node.kind === Kind.INLINE_FRAGMENT) return { ...node, ...below };
      const alias =
        (node.arguments ?? []).length === 0 ? {} : { alias: { kind: Kind.NAME as const, value: keyOf(node) } };
      return { ...node, ...alias, ...below };
    });
  }

  return { keyed };
}

/** Says what a representation is made of: keyed selections become places of the result tree and names in the representation. */
export function representSelection(
  selections: readonly SelectionNode[],
  typeName: string,
  index: SubgraphIndex,
): RequiresSelection[] {
  return collectFields(selections, typeName, noFragments, index).map((field): RequiresSelection => {
    const { key: name, name: alias, selections: below } = field;
    const type = below === undefined ? undefined : index.fieldType(typeName, alias);
    const selected = below === undefined || type === undefined ? null : representBelow(below, namedType(type));
    return { kind: 'Field', name, alias, selections: selected };
  });

  function representBelow(below: readonly SelectionNode[], type: string): RequiresSelection[] {
    const types = [...index.possibleTypes(type)];
    const [only] = types;
    if (types.length === 1 && only === type) return representSelection(below, type, index);
    return types.map((typeCondition) => ({
      kind: 'InlineFragment',
      typeCondition,
      selections: representSelection(below, typeCondition, index),
    }));
  }
}
