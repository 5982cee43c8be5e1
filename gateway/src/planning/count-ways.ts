import {
  getNamedType,
  isAbstractType,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  Kind,
  type DocumentNode,
  type GraphQLCompositeType,
  type SelectionSetNode,
} from 'graphql';
import type { Supergraph } from './supergraph.js';

/**
 * Counts the selections that a planner may have to look at: those below an interface or a union once for each of its
 * object types, which multiplies from level to level. Where subgraphs differ in those types, planners take that long.
 */
export function countWays(
  document: DocumentNode,
  { publicSchema, facts }: Pick<Supergraph, 'publicSchema' | 'facts'>,
): number {
  const fragments = new Map<string, { readonly type: string; readonly selectionSet: SelectionSetNode }>();
  const counted = new Map<string, number>();
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.FRAGMENT_DEFINITION) continue;
    fragments.set(definition.name.value, {
      type: definition.typeCondition.name.value,
      selectionSet: definition.selectionSet,
    });
  }

  function typeOf(name: string | undefined, parent: GraphQLCompositeType): GraphQLCompositeType {
    const type = name === undefined ? undefined : publicSchema.getType(name);
    return isCompositeType(type) ? type : parent;
  }

  function countFragment(name: string, parent: GraphQLCompositeType): number {
    const known = counted.get(name);
    const fragment = fragments.get(name);
    if (known !== undefined || fragment === undefined) return known ?? 0;
    // Valid documents have no circles; one that has is counted as if it ended here.
    counted.set(name, 0);
    const ways = count(fragment.selectionSet, typeOf(fragment.type, parent));
    counted.set(name, ways);
    return ways;
  }

  function countField(name: string, selectionSet: SelectionSetNode | undefined, parent: GraphQLCompositeType): number {
    const field = isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[name] : undefined;
    const type = field === undefined ? undefined : getNamedType(field.type);
    if (selectionSet === undefined || !isCompositeType(type)) return 1;
    const kinds = isAbstractType(type) ? (facts.possibleTypes.get(type.name)?.size ?? 1) : 1;
    return 1 + kinds * count(selectionSet, type);
  }

  function count({ selections }: SelectionSetNode, parent: GraphQLCompositeType): number {
    let ways = 0;
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) ways += countField(selection.name.value, selection.selectionSet, parent);
      else if (selection.kind === Kind.FRAGMENT_SPREAD) ways += countFragment(selection.name.value, parent);
      else ways += count(selection.selectionSet, typeOf(selection.typeCondition?.name.value, parent));
    }
    return ways;
  }

  return document.definitions.reduce((ways, definition) => {
    const root =
      definition.kind === Kind.OPERATION_DEFINITION ? publicSchema.getRootType(definition.operation) : undefined;
    return root == null || definition.kind !== Kind.OPERATION_DEFINITION
      ? ways
      : ways + count(definition.selectionSet, root);
  }, 0);
}
