import { Kind, print, type ArgumentNode, type FieldNode, type SelectionNode } from 'graphql';
import type { SubgraphIndex } from './subgraph-index.js';

/** One field of an object, whatever fragments asked for it. */
export interface WantedField {
  /** Where its value stands in the result tree. */
  readonly key: string;
  readonly name: string;
  readonly arguments: readonly ArgumentNode[];
  /** Of all its occurrences; undefined for a leaf. */
  readonly selections: readonly SelectionNode[] | undefined;
}

export type Fragments = ReadonlyMap<string, { readonly type: string; readonly selections: readonly SelectionNode[] }>;

/** For selections of keys and the like, which have none. */
export const noFragments: Fragments = new Map();

/** Collects the fields that are wanted of an object of one type (specification, section 6.3.2). */
export function collectFields(
  selections: readonly SelectionNode[],
  typeName: string,
  fragments: Fragments,
  index: SubgraphIndex,
): WantedField[] {
  const fields = new Map<string, WantedField>();

  function applies(condition: string | undefined): boolean {
    return condition === undefined || condition === typeName || index.possibleTypes(condition).has(typeName);
  }

  function collect(nodes: readonly SelectionNode[]): void {
    for (const node of nodes) {
      if (node.kind === Kind.FIELD) {
        add(node);
      } else if (node.kind === Kind.INLINE_FRAGMENT) {
        if (applies(node.typeCondition?.name.value)) collect(node.selectionSet.selections);
      } else {
        const fragment = fragments.get(node.name.value);
        if (fragment !== undefined && applies(fragment.type)) collect(fragment.selections);
      }
    }
  }

  function add(node: FieldNode): void {
    const key = node.alias?.value ?? node.name.value;
    const known = fields.get(key);
    const below = node.selectionSet?.selections;
    const selections = known?.selections === undefined || below === undefined ? below : [...known.selections, ...below];
    fields.set(key, { key, name: node.name.value, arguments: node.arguments ?? [], selections });
  }

  collect(selections);
  return [...fields.values()];
}

/** Says fields as selections again: for objects of some types. */
export function toSelections(typeNames: readonly string[], fields: readonly WantedField[]): SelectionNode[] {
  if (fields.length === 0) return [];
  const selections = fields.map(toNode);
  return typeNames.map((typeName) => ({
    kind: Kind.INLINE_FRAGMENT,
    typeCondition: { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: typeName } },
    selectionSet: { kind: Kind.SELECTION_SET, selections },
  }));
}

function toNode({ key, name, arguments: given, selections }: WantedField): FieldNode {
  return {
    kind: Kind.FIELD,
    name: { kind: Kind.NAME, value: name },
    arguments: given,
    ...(key === name ? {} : { alias: { kind: Kind.NAME, value: key } }),
    ...(selections === undefined ? {} : { selectionSet: { kind: Kind.SELECTION_SET, selections } }),
  };
}

/** Whether two objects are asked the same by two fields. */
export function isSameField(one: WantedField, other: WantedField): boolean {
  return print(toNode(one)) === print(toNode(other));
}
