import { AppError } from '@tessera/service/errors';
import { getVariableValues, type GraphQLSchema, type OperationDefinitionNode } from 'graphql';

/** How many faults are told at once. */
const maxErrors = 10;

/** Either the coerced values, or what is wrong with those given. */
export type CoercedVariables =
  { readonly values: Readonly<Record<string, unknown>> } | { readonly faults: readonly AppError[] };

/** Coerces the variables of a request by the operation's definitions: defaults filled in, unknown ones left out. */
export function coerceVariables(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  given: Readonly<Record<string, unknown>> | undefined,
): CoercedVariables {
  const { coerced, errors } = getVariableValues(schema, operation.variableDefinitions ?? [], given ?? {}, {
    maxErrors,
  });
  if (coerced !== undefined) return { values: coerced };
  return { faults: (errors ?? []).map((error) => new AppError('BAD_USER_INPUT', error.message)) };
}
