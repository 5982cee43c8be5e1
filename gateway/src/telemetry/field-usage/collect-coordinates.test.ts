import { describe, expect, test } from '@jest/globals';
import { buildSchema, parse, validate } from 'graphql';
import { createCoordinateCollector } from './collect-coordinates.js';

const schema = buildSchema(/* GraphQL */ `
  directive @mark(label: String, as: Color) on FIELD
  type Query {
    me: User
    node(id: ID!): Node
    search(filter: Filter, color: Color = RED): [Result!]!
  }
  type Subscription {
    changed: User
  }
  interface Node {
    id: ID!
  }
  type User implements Node {
    id: ID!
    name(upper: Boolean = false): String
    joined: Date
    color: Color
  }
  type Book {
    title: String
  }
  union Result = User | Book
  scalar Date
  enum Color {
    RED
    BLUE
  }
  input Filter {
    color: Color
    and: [Filter!]
    range: Range
  }
  input Range {
    from: Int
    to: Int = 9
  }
`);
const collect = createCoordinateCollector(schema);

function coordinatesOf(text: string): readonly string[] {
  const document = parse(text);
  expect(validate(schema, document)).toEqual([]);
  const operation = document.definitions.find(({ kind }) => kind === 'OperationDefinition');
  if (operation?.kind !== 'OperationDefinition') throw new Error('The text has no operation');
  return [...collect(document, operation)].sort();
}

describe('what an operation needs', () => {
  test.each<readonly [what: string, text: string, coordinates: readonly string[]]>([
    [
      'fields, by the type they are selected on, and the types they lead through',
      '{ me { id joined } node(id: 1) { id __typename } }',
      [
        'Date',
        'Node',
        'Node.id',
        'Query',
        'Query.me',
        'Query.node',
        'Query.node(id:)',
        'User',
        'User.id',
        'User.joined',
      ],
    ],
    [
      'arguments that are given, whatever the alias, and no others',
      '{ a: me { name } b: me { n: name(upper: true) } }',
      ['Query', 'Query.me', 'User', 'User.name', 'User.name(upper:)'],
    ],
    [
      'what fragments select, and the types they ask for',
      '{ search { ...R ...R } } fragment R on Result { ... on Book { title } ... @include(if: true) { __typename } }',
      ['Book', 'Book.title', 'Query', 'Query.search', 'Result'],
    ],
    [
      'enum values and input fields as they are written',
      '{ search(color: BLUE, filter: { and: [{ color: RED }] }) { __typename } }',
      [
        'Color',
        'Color.BLUE',
        'Color.RED',
        'Filter',
        'Filter.and',
        'Filter.color',
        'Query',
        'Query.search',
        'Query.search(color:)',
        'Query.search(filter:)',
        'Result',
      ],
    ],
    [
      'everything that a variable may carry',
      'query ($filter: [Filter!], $color: Color) { search(filter: { and: $filter }, color: $color) { __typename } }',
      [
        'Color',
        'Color.BLUE',
        'Color.RED',
        'Filter',
        'Filter.and',
        'Filter.color',
        'Filter.range',
        'Query',
        'Query.search',
        'Query.search(color:)',
        'Query.search(filter:)',
        'Range',
        'Range.from',
        'Range.to',
        'Result',
      ],
    ],
    [
      'directives of the schema, with their arguments',
      'subscription { changed @mark(label: "x", as: RED) @skip(if: false) { id } }',
      [
        '@mark',
        '@mark(as:)',
        '@mark(label:)',
        'Color',
        'Color.RED',
        'Subscription',
        'Subscription.changed',
        'User',
        'User.id',
      ],
    ],
    ['nothing for introspection', '{ __schema { types { name } } }', ['Query']],
  ])('%s', (_what, text, coordinates) => {
    expect(coordinatesOf(text)).toEqual(coordinates);
  });

  test('of a document with several operations only the one that runs counts, and the fragments it spreads', () => {
    const text = 'query A { me { ...P } } query B { node(id: 1) { id } } fragment P on User { color }';

    expect(coordinatesOf(text)).toEqual(['Color', 'Query', 'Query.me', 'User', 'User.color']);
  });
});
