import {
  isAbstractType,
  isInterfaceType,
  isObjectType,
  Kind,
  type DirectiveNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLSchema,
  type SelectionSetNode,
} from 'graphql';

/** The fields that an object of one type answers, in the order of the answer's keys. */
export interface CollectedFields {
  readonly fields: ReadonlyMap<string, readonly FieldNode[]>;
  /** Whether the selection tells types apart: it then means nothing for an object whose type is not known. */
  readonly dependsOnType: boolean;
}

export type CollectFields = (type: GraphQLCompositeType, selectionSets: readonly SelectionSetNode[]) => CollectedFields;

/**
 * Prepares the collecting of an operation's fields (GraphQL specification, section 6.3.2).
 *
 * @param isTrue the value of a boolean variable, as `@skip` and `@include` ask for it
 */
export function createCollectFields(
  schema: GraphQLSchema,
  document: DocumentNode,
  isTrue: (variable: string) => boolean,
): CollectFields {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }

  function isIncluded(directives: readonly DirectiveNode[] | undefined): boolean {
    return (directives ?? []).every(({ name, arguments: given }) => {
      if (name.value !== 'skip' && name.value !== 'include') return true;
      const condition = given?.[0]?.value;
      const value =
        condition?.kind === Kind.VARIABLE
          ? isTrue(condition.name.value)
          : condition?.kind === Kind.BOOLEAN && condition.value;
      return value === (name.value === 'include');
    });
  }

  function applies(condition: string | undefined, type: GraphQLCompositeType): boolean {
    if (condition === undefined || condition === type.name) return true;
    const conditional = schema.getType(condition);
    if (!isAbstractType(conditional)) return false;
    return (isObjectType(type) || isInterfaceType(type)) && schema.isSubType(conditional, type);
  }

  return (type, selectionSets) => {
    const fields = new Map<string, FieldNode[]>();
    const spread = new Set<string>();
    // Of an interface whose types are all hidden no object can be shown, whatever is asked of it.
    let dependsOnType = isAbstractType(type) && schema.getPossibleTypes(type).length === 0;

    function collect({ selections }: SelectionSetNode): void {
      for (const selection of selections) {
        if (!isIncluded(selection.directives)) continue;
        if (selection.kind === Kind.FIELD) {
          const key = selection.alias?.value ?? selection.name.value;
          if (selection.name.value === '__typename') dependsOnType = true;
          const known = fields.get(key);
          if (known === undefined) fields.set(key, [selection]);
          else known.push(selection);
        } else if (selection.kind === Kind.INLINE_FRAGMENT) {
          collectFragment(selection.typeCondition?.name.value, selection.selectionSet);
        } else if (!spread.has(selection.name.value)) {
          spread.add(selection.name.value);
          const fragment = fragments.get(selection.name.value);
          if (fragment !== undefined) collectFragment(fragment.typeCondition.name.value, fragment.selectionSet);
        }
      }
    }

    function collectFragment(condition: string | undefined, selectionSet: SelectionSetNode): void {
      if (applies(condition, type)) collect(selectionSet);
      else dependsOnType = true;
    }

    for (const selectionSet of selectionSets) collect(selectionSet);
    return { fields, dependsOnType };
  };
}
