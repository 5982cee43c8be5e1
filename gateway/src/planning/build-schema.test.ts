import { describe, expect, test } from '@jest/globals';
import { buildASTSchema, lexicographicSortSchema, parse, printSchema, type GraphQLSchema } from 'graphql';
import { buildSchemaPieces } from './build-schema.js';
import { atOnce } from './pieces.js';

const texts = [
  'type Query { a(b: In = { c: 1 }): [U!]! @deprecated(reason: "old") } input In { c: Int } union U = Query',
  'schema @d { query: Q  mutation: M } directive @d on SCHEMA type Q { a: I } interface I { b: E } enum E { X } type M implements I { b: E }',
  '"about" type Query { a: Int } type Mutation { a: Date } type Subscription { a: Int } scalar Date @specifiedBy(url: "http://d")',
  'directive @skip(if: Boolean!, because: String) on FIELD type Query { a: Int } extend type Query { b: Int }',
];

/** What a schema says that its text does not. */
const factsOf = (schema: GraphQLSchema) => ({
  roots: [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].map(String),
  directives: schema.getDirectives().map(String),
  types: Object.keys(schema.getTypeMap()).sort(),
  nodes: Object.values(schema.getTypeMap()).map(({ astNode, extensionASTNodes }) => [astNode, extensionASTNodes]),
  description: schema.description,
  astNode: schema.astNode,
});

describe('a schema that is built in pieces', () => {
  test.each(texts)('is that which graphql-js builds: %s', (text) => {
    const document = parse(text, { noLocation: true });

    const inPieces = atOnce(buildSchemaPieces(document));

    const whole = buildASTSchema(document, { assumeValidSDL: true });
    expect(printSchema(lexicographicSortSchema(inPieces))).toBe(printSchema(lexicographicSortSchema(whole)));
    expect(factsOf(inPieces)).toEqual(factsOf(whole));
  });

  test('names what is not there', () => {
    expect(() => atOnce(buildSchemaPieces(parse('type Query { a: Missing }')))).toThrow('Unknown type: "Missing".');
  });
});
