import { AppError } from '@tessera/service/errors';
import { getVariableValues, type GraphQLSchema, type OperationDefinitionNode } from 'graphql';
import { compileTakeVariables, type TakeVariables } from './plain-variables.js';

const noVariables: Readonly<Record<string, unknown>> = {};

/** How many faults are told at once. */
const maxErrors = 10;

/** Either the coerced values, or what is wrong with those given. */
export type CoercedVariables =
  { readonly values: Readonly<Record<string, unknown>> } | { readonly faults: readonly AppError[] };

/** Compiled when an operation is first run; it lives as long as the operation. */
const taking = new WeakMap<OperationDefinitionNode, { readonly take: TakeVariables | undefined }>();

/** What variables are coerced for. */
export interface VariableUse {
  readonly operation: OperationDefinitionNode;
  /** Those that decide what is answered. */
  readonly conditionVariables: readonly string[];
}

/**
 * Coerces the variables of a request by the operation's definitions: defaults filled in, unknown ones left out. One with a default may
 * be null, and stand where null means nothing: in `@skip` and `@include` (specification, section 5.8.5).
 */
export function coerceVariables(
  schema: GraphQLSchema,
  { operation, conditionVariables }: VariableUse,
  given: Readonly<Record<string, unknown>> | undefined,
): CoercedVariables {
  const coerced = coerceAll(schema, operation, given);
  if ('faults' in coerced) return coerced;
  const undecided = conditionVariables.filter((name) => coerced.values[name] === null);
  if (undecided.length === 0) return coerced;
  return {
    faults: undecided.map(
      (name) => new AppError('BAD_USER_INPUT', `Variable "$${name}" of @skip or @include must not be null.`),
    ),
  };
}

function coerceAll(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  given: Readonly<Record<string, unknown>> | undefined,
): CoercedVariables {
  let known = taking.get(operation);
  if (known === undefined) taking.set(operation, (known = { take: compileTakeVariables(operation) }));
  const values = known.take?.(given ?? noVariables);
  if (values !== undefined) return { values };
  const { coerced, errors } = getVariableValues(schema, operation.variableDefinitions ?? [], given ?? noVariables, {
    maxErrors,
  });
  if (coerced !== undefined) return { values: coerced };
  return { faults: (errors ?? []).map((error) => new AppError('BAD_USER_INPUT', error.message)) };
}
