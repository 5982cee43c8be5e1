import { Kind, type InlineFragmentNode, type SelectionNode } from 'graphql';
import type { SubgraphIndex } from './subgraph-index.js';

/** What is provided below a field of an object of one type. */
export function providedBelow(
  provided: readonly SelectionNode[],
  typeName: string,
  fieldName: string,
  index: SubgraphIndex,
): readonly SelectionNode[] {
  return provided.flatMap((node): readonly SelectionNode[] => {
    if (node.kind === Kind.FIELD) return node.name.value === fieldName ? (node.selectionSet?.selections ?? []) : [];
    if (node.kind !== Kind.INLINE_FRAGMENT) return [];
    return applies(node, typeName, index)
      ? providedBelow(node.selectionSet.selections, typeName, fieldName, index)
      : [];
  });
}

/** Whether a field of an object of one type is provided. */
export function providesField(
  provided: readonly SelectionNode[],
  typeName: string,
  fieldName: string,
  index: SubgraphIndex,
): boolean {
  return provided.some((node) => {
    if (node.kind === Kind.FIELD) return node.name.value === fieldName;
    if (node.kind !== Kind.INLINE_FRAGMENT) return false;
    return applies(node, typeName, index) && providesField(node.selectionSet.selections, typeName, fieldName, index);
  });
}

function applies({ typeCondition }: InlineFragmentNode, typeName: string, index: SubgraphIndex): boolean {
  const condition = typeCondition?.name.value ?? typeName;
  return condition === typeName || index.possibleTypes(condition).has(typeName);
}
