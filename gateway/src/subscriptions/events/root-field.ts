import {
  Kind,
  parse,
  valueFromASTUntyped,
  type FieldNode,
  type FragmentDefinitionNode,
  type OperationDefinitionNode,
  type SelectionNode,
} from 'graphql';

/** The one field of a subscription, as its subgraph would have been asked for it. */
export interface RootField {
  readonly field: FieldNode;
  /** Under which its value stands in an event. */
  readonly key: string;
  readonly operation: OperationDefinitionNode;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
}

/** Reads the request that a plan has for a subscription's subgraph. */
export function readRootField(query: string): RootField {
  const { definitions } = parse(query, { noLocation: true });
  const fragments = new Map<string, FragmentDefinitionNode>();
  let operation: OperationDefinitionNode | undefined;
  for (const definition of definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
    else if (definition.kind === Kind.OPERATION_DEFINITION) operation = definition;
  }
  const field = findField(operation?.selectionSet.selections ?? [], fragments);
  if (operation === undefined || field === undefined) throw new TypeError('A subscription has a field');
  return { field, key: field.alias?.value ?? field.name.value, operation, fragments };
}

function findField(
  selections: readonly SelectionNode[],
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): FieldNode | undefined {
  for (const selection of selections) {
    if (selection.kind === Kind.FIELD) {
      if (selection.name.value !== '__typename') return selection;
      continue;
    }
    const spread = selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments.get(selection.name.value);
    const found = findField(spread?.selectionSet.selections ?? [], fragments);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The field's arguments with values for variables; what is not given is absent. */
export function argumentValues(
  { field }: RootField,
  variables: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    (field.arguments ?? []).map(({ name, value }) => [name.value, valueFromASTUntyped(value, variables)]),
  );
}
