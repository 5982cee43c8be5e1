import {
  executeSync,
  Kind,
  type DocumentNode,
  type FieldNode,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from 'graphql';

type Fields = Readonly<Record<string, unknown>>;

/** Answers `__schema` and `__type`, by response key. */
export type Introspect = (variables: Fields) => Fields;

const none: Fields = {};

/** Prepares the introspection of an operation; its answer is kept where no variable can change it. */
export function prepareIntrospection(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  rootFields: Iterable<readonly FieldNode[]>,
): Introspect {
  const selections = [...rootFields].flat().filter(({ name }) => name.value === '__schema' || name.value === '__type');
  if (selections.length === 0) return () => none;
  const introspection: DocumentNode = {
    kind: Kind.DOCUMENT,
    definitions: [
      { ...operation, selectionSet: { kind: Kind.SELECTION_SET, selections } },
      ...document.definitions.filter(({ kind }) => kind === Kind.FRAGMENT_DEFINITION),
    ],
  };
  const isConstant = (operation.variableDefinitions ?? []).length === 0;
  let kept: Fields | undefined;
  return (variables) => {
    if (kept !== undefined) return kept;
    const { data } = executeSync({ schema, document: introspection, variableValues: variables });
    const fields = data ?? none;
    if (isConstant) kept = fields;
    return fields;
  };
}
