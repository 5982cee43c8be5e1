import {
  execute,
  type DocumentNode,
  type FormattedExecutionResult,
  type GraphQLFieldResolver,
  type GraphQLSchema,
} from 'graphql';
import { isHandle, type Arguments, type WorldData } from './world-data.js';
import type { WorldIndex } from './world-index.js';

/** Answers an operation by graphql-js over one schema and the same data as the subgraphs have. */
export function runMonolith(
  schema: GraphQLSchema,
  index: WorldIndex,
  data: WorldData,
  document: DocumentNode,
  variableValues: Readonly<Record<string, unknown>>,
): FormattedExecutionResult {
  const fieldResolver: GraphQLFieldResolver<unknown, unknown, Arguments> = (source, values, _context, info) => {
    const handle = isHandle(source) ? source : { type: info.parentType.name, id: info.parentType.name, index: 0 };
    return data.valueOf(handle, index.field(handle.type, info.fieldName), values);
  };
  const answer = execute({
    schema,
    document,
    variableValues,
    fieldResolver,
    typeResolver: (value) => (isHandle(value) ? value.type : undefined),
  });
  if (answer instanceof Promise || 'then' in answer) throw new TypeError('All resolvers are synchronous');
  const { errors } = answer;
  const answered = answer.data ?? null;
  return errors === undefined ? { data: answered } : { data: answered, errors: errors.map((error) => error.toJSON()) };
}
