import { validateSchema, type GraphQLError, type GraphQLNamedType, type GraphQLSchema } from 'graphql';
import type { Pieces } from './pieces.js';

/** Of so many types at a time; what belongs to none of them is looked at each time. */
const typesOfPiece = 50;

/**
 * Validates a schema as graphql-js's `validateSchema` does, some types at a time: thousands of types take it as long as fifty requests.
 * Whoever asks graphql-js later is told what was found out here.
 *
 * @returns what is wrong with it
 */
export function* schemaFaultPieces(schema: GraphQLSchema): Pieces<ReadonlySet<string>> {
  const types = Object.values(schema.getTypeMap());
  const faults = new Map<string, GraphQLError>();
  for (let start = 0; start < types.length; start += typesOfPiece) {
    const part = withTypes(schema, types.slice(start, start + typesOfPiece));
    for (const fault of validateSchema(part)) faults.set(fault.message, fault);
    yield;
  }
  schema.__validationErrors = [...faults.values()];
  return new Set(faults.keys());
}

/** The same schema, as if it had but these types of its own. */
function withTypes(schema: GraphQLSchema, types: readonly GraphQLNamedType[]): GraphQLSchema {
  const typeMap = Object.fromEntries(types.map((type) => [type.name, type]));
  return Object.create(schema, {
    getTypeMap: { value: () => typeMap },
    // What graphql-js remembers of a schema that it has validated.
    __validationErrors: { value: undefined, writable: true },
  }) as GraphQLSchema;
}
