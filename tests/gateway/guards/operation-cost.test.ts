import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createOperationCosts, type OperationCost } from '@tessera/gateway/guards/cost/operation-cost';
import { loadSupergraph } from '@tessera/gateway/planning/supergraph';
import { describe, expect, test } from '@jest/globals';
import { getOperationAST, parse, validate } from 'graphql';
import { composeSubgraphs } from '../../support/compose-subgraphs.js';
import { repositoryRoot } from '../../support/repository-root.js';

const link = (imports: string): string =>
  `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable", ${imports}])`;

const library = `
  type Query {
    book: Book
    shelf: [Book!]!
    grid: [[Book!]!]!
    top(first: Int = 5): [Book!]! @listSize(assumedSize: 50, slicingArguments: ["first"], requireOneSlicingArgument: false)
    page(first: Int, last: Int): [Book!]! @listSize(slicingArguments: ["first", "last"])
    books(first: Int, after: String): BookConnection!
      @listSize(assumedSize: 20, slicingArguments: ["first"], sizedFields: ["nodes", "edges"], requireOneSlicingArgument: false)
    search(filter: Filter): [Book!]!
      @listSize(assumedSize: 4)
    report: Report
    pages: Int @cost(weight: 7)
    shared: Shared
    thing: Thing
    things: [Thing!]! @listSize(assumedSize: 3)
  }
  type Mutation { add(books: [BookInput!]!): Book  rename(title: String! @cost(weight: 2)): Book }
  input BookInput { title: String  tags: [TagInput!]  pages: Int @cost(weight: 3) }
  input TagInput { name: String }
  input Filter { limit: Int }
  type Book { title: String  author: Author  heavy: Blob }
  type Author { name: String  books: [Book!]! @listSize(assumedSize: 2) }
  type BookConnection { nodes: [Book!]!  edges: [BookEdge!]!  total: Int }
  type BookEdge { node: Book }
  type Report @cost(weight: 30) { text: String }
  scalar Blob @cost(weight: 4)
  type Shared @shareable { things: [Book!]! @listSize(assumedSize: 2) }
  interface Thing { id: ID  book: Book }
  type Small implements Thing { id: ID  book: Book }
  type Large implements Thing @cost(weight: 6) { id: ID  book: Book  report: Report }
  type Other { id: ID }
`;
const branch =
  'type Shared @shareable { things: [Book!]! @listSize(assumedSize: 9) } type Book @shareable { title: String }';

function costs(source: string, imports = '"@cost", "@listSize"', change = (sdl: string) => sdl): OperationCost {
  const typeDefs = (sdl: string) => `${link(imports)}\n${change(sdl)}`;
  const supergraphSdl = composeSubgraphs([
    {
      name: 'library',
      url: 'http://library',
      typeDefs: typeDefs(library.replace('title: String  author', 'title: String @shareable  author')),
    },
    { name: 'branch', url: 'http://branch', typeDefs: typeDefs(branch) },
  ]);
  const { publicSchema: schema } = loadSupergraph(supergraphSdl);
  const document = parse(source);
  expect(validate(schema, document)).toEqual([]);
  const operation = getOperationAST(document);
  if (operation == null) throw new Error('The test needs one operation');
  return createOperationCosts({ supergraph: parse(supergraphSdl), schema, defaultListSize: 10 })(document, operation);
}

const estimate = (source: string, variables?: Record<string, unknown>): number => costs(source).estimate(variables);

describe('the estimate', () => {
  test.each([
    ['objects, not leaves', '{ book { title } __typename }', 1],
    ['lists at their default size', '{ shelf { title author { name } } }', 20],
    ['lists of lists', '{ grid { title } }', 100],
    ['lists at their assumed size', '{ book { author { books { title } } } }', 4],
    ['the larger of what two subgraphs assume', '{ shared { things { title } } }', 10],
    ['slices by their argument', '{ top(first: 30) { title } }', 30],
    ['slices by the default of their argument', '{ top { title } }', 5],
    ['slices by the assumed size where null is given', '{ top(first: null) { title } }', 50],
    ['a slice below nothing as nothing', '{ top(first: -3) { title } }', 0],
    ['sized fields of a connection', '{ books(first: 7) { total nodes { title } } }', 8],
    ['edges of a connection and their nodes', '{ books(first: 7) { edges { node { title } } } }', 15],
    ['sized fields at the assumed size', '{ books { nodes { title } } }', 21],
    ['an input object', '{ search(filter: { limit: 6 }) { title } }', 5],
    ['the weight of a type', '{ report { text } }', 30],
    ['the weight of a field', '{ pages }', 7],
    ['the weight of a scalar', '{ book { heavy } }', 5],
    ['an interface as its dearest type', '{ thing { id } }', 6],
    [
      'the dearest of alternatives',
      '{ things { ... on Small { book { title } } ... on Large { report { text } } } }',
      108,
    ],
    [
      'what is selected twice once',
      '{ shelf { ...A ...B } } fragment A on Book { author { name } } fragment B on Book { author { name } }',
      20,
    ],
    ['aliases each by itself', '{ a: book { title } b: book { title } }', 2],
    ['each field of a mutation', 'mutation { a: rename(title: "a") { title } b: rename(title: "b") { title } }', 26],
    ['input objects and weights within', 'mutation { add(books: [{ tags: [{}, {}], pages: 1 }, {}]) { title } }', 18],
    ['nothing that is skipped', '{ shelf @skip(if: true) { title } book @include(if: false) { title } }', 0],
  ])('counts %s', (_what, source, expected) => {
    expect(estimate(source)).toBe(expected);
  });

  test('depends on variables, and on their defaults', () => {
    const source =
      'query ($n: Int = 3, $with: Boolean!) { top(first: $n) { title author @include(if: $with) { name } } }';

    expect(estimate(source, { with: false })).toBe(3);
    expect(estimate(source, { with: true, n: 100 })).toBe(200);
    expect(estimate(source, { n: null })).toBe(50);
  });

  test('counts input objects in variables', () => {
    const source = 'mutation ($books: [BookInput!]!) { add(books: $books) { title } }';

    expect(estimate(source, { books: Array.from({ length: 50 }, () => ({ tags: [{}] })) })).toBe(111);
  });

  test.each(['x', {}, [], true, Infinity, -Infinity, NaN, 1e308])('is a number whatever a variable is: %p', (n) => {
    const cost = estimate('query ($n: Int) { a: top(first: $n) { title } b: books(first: $n) { nodes { title } } }', {
      n,
    });

    expect(cost).toBeGreaterThanOrEqual(0);
    expect(cost).toBeLessThan(Infinity);
  });

  test('does not overflow', () => {
    const nested = (depth: number): string => (depth === 0 ? 'title' : `author { books { ${nested(depth - 1)} } }`);

    expect(estimate(`{ top(first: 2147483647) { ${nested(40)} } }`)).toBeGreaterThan(1e11);
  });

  test.each([
    ['"@cost", "@listSize"', (sdl: string) => sdl],
    [
      '{ name: "@cost", as: "@price" }, { name: "@listSize", as: "@items" }',
      (sdl: string) => sdl.replaceAll('@cost', '@price').replaceAll('@listSize', '@items'),
    ],
  ])('reads directives that are called %s', (imports, change) => {
    expect(costs('{ report { text } top(first: 2) { title } }', imports, change).estimate({})).toBe(32);
  });
});

test.each([
  [
    'query',
    `{ me { displayName memberships { tenant { name storageUsage { bytes } usage { apiCalls }
      members(first: 10) { nodes { user { displayName avatar { downloadUrl } } } } } } } }`,
    176,
  ],
  [
    'subscription',
    'subscription { alerts { status value tenant { name members(first: 5) { nodes { user { displayName } } } } } }',
    13,
  ],
  ['sign-in', 'mutation { signIn(input: { email: "a", password: "b" }) { __typename } }', 31],
])('a %s of Tessera’s own costs what it costs', async (_kind, source, expected) => {
  const supergraphSdl = await readFile(join(repositoryRoot, 'schema/supergraph.graphql'), 'utf8');
  const { publicSchema: schema } = loadSupergraph(supergraphSdl);
  const document = parse(source);
  const operation = getOperationAST(document);

  expect(validate(schema, document)).toEqual([]);
  const costOf = createOperationCosts({ supergraph: parse(supergraphSdl), schema, defaultListSize: 10 });

  expect(operation && costOf(document, operation).estimate({})).toBe(expected);
});

test('one slicing argument is asked for where the schema does', () => {
  expect(costs('{ page(first: 3) { title } }').fault({})).toBeUndefined();
  expect(costs('{ page { title } }').fault({})).toContain('Query.page');
  expect(costs('{ page(first: 1, last: 2) { title } }').fault({})).toContain('first, last');
  const sliced = costs('query ($first: Int, $last: Int) { page(first: $first, last: $last) { title } }');
  expect(sliced.fault({ last: 4 })).toBeUndefined();
  expect(sliced.fault({})).toContain('exactly one');
});

test('the actual cost counts what the answer has', () => {
  const { actual } = costs(
    '{ books(first: 100) { nodes { title author { name } } } thing { ... on Large { report { text } } } }',
  );

  expect(
    actual(
      {
        books: {
          nodes: [
            { title: 'a', author: null },
            { title: 'b', author: { name: 'c' } },
          ],
        },
        thing: {},
      },
      {},
    ),
  ).toBe(10);
  expect(actual(null, {})).toBe(0);
});
