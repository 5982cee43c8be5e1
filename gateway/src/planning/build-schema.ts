import {
  GraphQLSchema,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  specifiedDirectives,
  type DocumentNode,
  type GraphQLNamedType,
  type GraphQLObjectType,
} from 'graphql';
import { extendSchemaImpl } from 'graphql/utilities/extendSchema.js';
import type { Pieces } from './pieces.js';

const emptySchema = {
  description: undefined,
  query: undefined,
  mutation: undefined,
  subscription: undefined,
  types: [],
  directives: [],
  extensions: {},
  astNode: undefined,
  extensionASTNodes: [],
  assumeValid: false,
};

/**
 * Builds a schema as graphql-js's `buildASTSchema` does with `assumeValidSDL`, but makes the fields of one type at a time: the schema
 * of thousands of types is made in one piece there.
 *
 * @throws Error for a type that is named and not there
 */
export function* buildSchemaPieces(document: DocumentNode): Pieces<GraphQLSchema> {
  const config = extendSchemaImpl(emptySchema, document, { assumeValidSDL: true });
  for (const type of config.types) {
    if (isObjectType(type) || isInterfaceType(type) || isInputObjectType(type)) type.getFields();
    yield;
  }
  const given = config.directives;
  const isGiven = (name: string): boolean => given.some((directive) => directive.name === name);
  const roots = config.astNode === undefined || config.astNode === null ? rootsByName(config.types) : {};
  return new GraphQLSchema({
    ...config,
    ...roots,
    directives: [...given, ...specifiedDirectives.filter(({ name }) => !isGiven(name))],
  });
}

/** Without a `schema` definition the roots are the types of these names. */
function rootsByName(types: readonly GraphQLNamedType[]) {
  const named = (name: string): GraphQLObjectType | undefined =>
    types.find((type): type is GraphQLObjectType => type.name === name && isObjectType(type));
  return { query: named('Query'), mutation: named('Mutation'), subscription: named('Subscription') };
}
