import {
  buildSchema,
  defaultFieldResolver,
  execute,
  parse,
  printSchema,
  type ExecutionResult,
  type GraphQLFieldResolver,
  type GraphQLSchema,
} from 'graphql';
import type { SubgraphDefinition } from './federation.js';

type FieldResolver = (parent: unknown, values: unknown, context: unknown, info: unknown) => unknown;
type Parent = Record<string, unknown>;

/** Answers operations over the same resolvers and data as the subgraphs do, but in one schema and by graphql-js. */
export interface Monolith {
  run(source: string, variables?: Record<string, unknown>): Promise<ExecutionResult>;
}

/**
 * Makes one executable schema of all subgraphs.
 *
 * @param overrides `Type.field` -> resolver, for fields whose subgraph relies on representations (`@requires`)
 */
export function createMonolith(
  publicSchema: GraphQLSchema,
  definitions: Readonly<Record<string, SubgraphDefinition>>,
  overrides: Readonly<Record<string, (parent: Parent, values: never) => unknown>> = {},
): Monolith {
  const schema = buildSchema(printSchema(publicSchema));
  const resolverMaps = Object.values(definitions).map(({ resolvers }) => resolvers as Record<string, Parent>);

  function complete(typeName: string, parent: Parent): Parent {
    return resolverMaps.reduce((known, resolvers) => {
      const reference = resolvers[typeName]?.['__resolveReference'] as FieldResolver | undefined;
      return { ...(reference?.(parent, {}, {}, {}) as Parent | undefined), ...known };
    }, parent);
  }

  const fieldResolver: GraphQLFieldResolver<unknown, unknown> = (source, values, context, info) => {
    const typeName = info.parentType.name;
    const parent = complete(typeName, (source ?? {}) as Parent);
    const override = overrides[`${typeName}.${info.fieldName}`];
    if (override !== undefined) return override(parent, values as never);
    const resolve = resolverMaps
      .map((resolvers) => resolvers[typeName]?.[info.fieldName] as FieldResolver | undefined)
      .find((resolver) => resolver !== undefined);
    return resolve?.(parent, values, context, info) ?? defaultFieldResolver(parent, values, context, info);
  };

  return {
    run: async (source, variables) =>
      execute({ schema, document: parse(source), variableValues: variables ?? {}, fieldResolver }),
  };
}
