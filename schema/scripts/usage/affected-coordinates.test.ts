import { expect, test } from '@jest/globals';
import { CriticalityLevel, diff } from '@graphql-inspector/core';
import { buildSchema } from 'graphql';
import { affectedCoordinates } from './affected-coordinates.js';

const base = /* GraphQL */ `
  directive @mark(label: String, old: Int) repeatable on FIELD | QUERY
  type Query {
    me: User
    node: Node
    search(text: String, limit: Int, filter: Filter): Result
  }
  interface Node {
    id: ID!
  }
  type User implements Node {
    id: ID!
    name: String
  }
  type Book {
    title: String!
  }
  union Result = User | Book
  scalar Date
  enum Color {
    RED
    BLUE
  }
  input Filter {
    color: Color
    tag: String
  }
`;

/** Every breaking change from the base to what a replacement makes of it. */
async function affectedBy(replaced: string, by: string) {
  expect(base).toContain(replaced);
  const schemas = { before: buildSchema(base), after: buildSchema(base.replace(replaced, by)) };
  const changes = await diff(schemas.before, schemas.after);
  return changes
    .filter(({ criticality }) => criticality.level === CriticalityLevel.Breaking)
    .map((change) => affectedCoordinates(change, schemas));
}

test.each<readonly [what: string, replaced: string, by: string, affected: readonly (readonly string[])[]]>([
  ['a field that is gone: who selects it', 'name: String\n', '', [['User.name']]],
  ['a field of another type: who selects it', 'title: String!', 'title: String', [['Book.title']]],
  ['an argument that is gone: who gives it', 'limit: Int, ', '', [['Query.search(limit:)']]],
  [
    'a new required argument: who selects the field',
    '(text: String,',
    '(must: Int!, text: String,',
    [['Query.search']],
  ],
  ['an argument of another type: who gives it', 'limit: Int', 'limit: String', [['Query.search(limit:)']]],
  ['an argument that must be given now: who selects the field', 'limit: Int', 'limit: Int!', [['Query.search']]],
  ['an input field that is gone: who gives it', 'tag: String', '', [['Filter.tag']]],
  ['a new required input field: who gives the input', 'tag: String', 'tag: String must: Int!', [['Filter']]],
  ['an input field of another type: who gives it', 'tag: String', 'tag: Int', [['Filter.tag']]],
  ['an input field that must be given now: who gives the input', 'tag: String', 'tag: String!', [['Filter']]],
  ['an enum value that is gone: who gives it', 'BLUE', '', [['Color.BLUE']]],
  ['a type that is gone: who meets it', 'scalar Date', '', [['Date']]],
  ['a member of a union that is gone: who asks for it in the union', 'User | Book', 'User', [['Result', 'Book']]],
  ['an interface that is gone: who sees the type through it', ' implements Node', '', [['User', 'Node']]],
  ['a directive that is gone from a place: who uses it', 'FIELD | QUERY', 'FIELD', [['@mark']]],
  ['an argument of a directive that is gone: who gives it', ', old: Int', '', [['@mark(old:)']]],
])('%s', async (_what, replaced, by, affected) => {
  expect(await affectedBy(replaced, by)).toEqual(affected);
});

test('a root that is gone breaks whoever uses it', async () => {
  const schemas = {
    before: buildSchema('type Query { a: Int } type Mutation { b: Int }'),
    after: buildSchema('type Query { a: Int }'),
  };

  const affected = (await diff(schemas.before, schemas.after))
    .filter(({ criticality }) => criticality.level === CriticalityLevel.Breaking)
    .map((change) => affectedCoordinates(change, schemas));

  expect(affected).toContainEqual(['Mutation']);
  expect(affected).not.toContain(undefined);
});
