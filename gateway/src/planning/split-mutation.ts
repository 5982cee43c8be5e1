import {
  Kind,
  type DirectiveNode,
  type DocumentNode,
  type FragmentDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';

/** Splits a mutation into one document for each field of its root, in the order in which they must run. */
export function splitMutation(document: DocumentNode): DocumentNode[] {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  const steps = new Map<string, SelectionNode[]>();

  function collect({ selections }: SelectionSetNode, conditions: readonly DirectiveNode[]): void {
    for (const selection of selections) {
      const directives = [...conditions, ...(selection.directives ?? [])];
      if (selection.kind === Kind.FIELD) {
        const key = selection.alias?.value ?? selection.name.value;
        steps.set(key, [...(steps.get(key) ?? []), underConditions(selection, conditions)]);
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        collect(selection.selectionSet, directives);
      } else {
        const fragment = fragments.get(selection.name.value);
        if (fragment !== undefined) collect(fragment.selectionSet, directives);
      }
    }
  }

  for (const definition of document.definitions) {
    if (definition.kind === Kind.OPERATION_DEFINITION) collect(definition.selectionSet, []);
  }
  return [...steps.values()].map((selections) => ({
    kind: Kind.DOCUMENT,
    definitions: document.definitions.map((definition) =>
      definition.kind === Kind.OPERATION_DEFINITION
        ? { ...definition, selectionSet: { kind: Kind.SELECTION_SET, selections } }
        : definition,
    ),
  }));
}

/** Puts a field into one inline fragment for each of the conditions that its fragments carried. */
function underConditions(field: SelectionNode, conditions: readonly DirectiveNode[]): SelectionNode {
  return conditions.reduceRight<SelectionNode>(
    (inner, condition) => ({
      kind: Kind.INLINE_FRAGMENT,
      directives: [condition],
      selectionSet: { kind: Kind.SELECTION_SET, selections: [inner] },
    }),
    field,
  );
}
