import {
  execute,
  type DocumentNode,
  type FormattedExecutionResult,
  type GraphQLFieldResolver,
  type GraphQLSchema,
} from 'graphql';
import { isHandle, type Arguments, type Handle, type WorldData } from './world-data.js';
import type { FieldModel } from './world.js';
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
    const field = index.field(handle.type, info.fieldName);
    return below(data.valueOf(handle, field, { ...values, ...toldFromAbove(handle, field) }), handle);
  };

  function toldFromAbove(handle: Handle, { fromContext }: FieldModel): Arguments {
    if (fromContext === undefined) return {};
    for (let above = handle.above; above !== undefined; above = above.above) {
      const source = fromContext.sources[above.type];
      if (source === undefined) continue;
      return { [fromContext.argument.name]: data.valueOf(above, index.field(above.type, source), {}) };
    }
    throw new Error(`Nothing above ${handle.id} sets the context ${fromContext.name}`);
  }

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

/** Lets objects remember from where they were come to. */
function below(value: unknown, above: Handle): unknown {
  if (Array.isArray(value)) return value.map((item) => below(item, above));
  return isHandle(value) ? { ...value, above } : value;
}
