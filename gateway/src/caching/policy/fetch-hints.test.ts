import { describe, expect, test } from '@jest/globals';
import { parse } from 'graphql';
import { prepareSubgraphOperation } from '../../execution/subgraph-client.js';
import { readCacheSchema } from './cache-schema.js';
import { createFetchDocuments } from './fetch-document.js';
import { policyOf } from './fetch-policy.js';

const limits = { maxAgeSeconds: 1_000, defaultStaleSeconds: 0, maxStaleSeconds: 0 };

function policy(sdl: string, query: string, defaultScope: 'public' | 'private' = 'private') {
  const find = createFetchDocuments(readCacheSchema(parse(sdl), defaultScope));
  const operation = prepareSubgraphOperation({ subgraph: 'a', kind: 'query', query, operationName: undefined });
  const { maxAgeSeconds, scope } = policyOf(find(operation).hints, undefined, limits);
  return `${scope} ${maxAgeSeconds}`;
}

const sdl = /* GraphQL */ `
  type Query {
    a: A @cacheControl(maxAge: 60, scope: PUBLIC)
    unhinted: A
    ofType: Hinted
    inheriting: A @cacheControl(inheritMaxAge: true)
    media: [Media] @cacheControl(maxAge: 60, scope: PUBLIC)
    node: Node @cacheControl(maxAge: 60, scope: PUBLIC)
    scalar: Int
    hintedScalar: Int @cacheControl(maxAge: 7, scope: PUBLIC)
    noScope: Int @cacheControl(maxAge: 7)
  }
  type A {
    leaf: Int
    shorter: Int @cacheControl(maxAge: 5)
    private: Int @cacheControl(scope: PRIVATE)
    object: A
    heir: A @cacheControl(inheritMaxAge: true)
    hinted: Hinted
    overridden: Hinted @cacheControl(maxAge: 90)
  }
  type Hinted @cacheControl(maxAge: 30, scope: PUBLIC) {
    leaf: Int
  }
  interface Node {
    id: ID
    object: A
  }
  type Book implements Node @cacheControl(maxAge: 20) {
    id: ID @cacheControl(maxAge: 9)
    object: A @cacheControl(maxAge: 8)
  }
  type Film implements Node {
    id: ID @cacheControl(scope: PRIVATE)
    object: A
  }
  union Media = Book | Film
`;

describe('hints of a schema', () => {
  test.each([
    ['{ a { leaf } }', 'public 60'],
    ['{ a { __typename } }', 'public 60'],
    ['{ unhinted { leaf } }', 'private 0'],
    ['{ a { leaf } unhinted { leaf } }', 'private 0'],
    ['{ ofType { leaf } }', 'public 30'],
    ['{ a { shorter } }', 'public 5'],
    ['{ a { private } }', 'private 60'],
    ['{ a { object { leaf } } }', 'public 0'],
    ['{ a { heir { leaf heir { leaf } } } }', 'public 60'],
    ['{ inheriting { leaf } }', 'private 0'],
    ['{ a { hinted { leaf } } }', 'public 30'],
    ['{ a { overridden { leaf } } }', 'public 60'],
    ['{ scalar }', 'private 0'],
    ['{ hintedScalar }', 'public 7'],
    ['{ noScope }', 'private 7'],
    ['query($no: Boolean!) { a { leaf ... on A @include(if: $no) { private shorter } } }', 'private 5'],
    ['{ a { ...F } } fragment F on A { shorter }', 'public 5'],
    ['{ node { id } }', 'private 9'],
    ['{ node { object { leaf } } }', 'public 0'],
    ['{ media { ... on Book { id } } }', 'public 9'],
    ['{ media { ... on Film { id } } }', 'private 60'],
    ['{ a { unknown } }', 'public 0'],
  ])('%s is good for %s', (query, expected) => {
    expect(policy(sdl, query)).toBe(expected);
  });

  test('what no hint says the scope of is public where the operator says so', () => {
    expect(policy(sdl, '{ noScope }', 'public')).toBe('public 7');
    expect(policy(sdl, '{ node { id } }', 'public')).toBe('private 9');
  });

  test.each([
    ['{ _entities { ... on Hinted { leaf } } }', 'public 30'],
    ['{ _entities { ... on A { leaf } } }', 'private 0'],
    ['{ _entities { ... on A { shorter } } }', 'private 5'],
    ['{ _entities { ... on Hinted { leaf } ... on A { shorter leaf } } }', 'private 0'],
    ['{ _0: _entities { ... on Hinted { leaf } } _1: _entities { ... on A { shorter } } }', 'private 5'],
    ['{ _entities { __typename } }', 'public 0'],
  ])('entities: %s is good for %s', (query, expected) => {
    expect(policy(sdl, query)).toBe(expected);
  });
});

describe('where a supergraph has its hints', () => {
  const types = 'enum join__Graph { A @join__graph(name: "a", url: "") B @join__graph(name: "b", url: "") }';

  test.each([
    ['@cacheControl(maxAge: 9, scope: PUBLIC)', 'public 9'],
    ['@cacheControl(maxAge: 9, scope: PUBLIC) @cacheControl(maxAge: 3)', 'public 3'],
    ['@cacheControl(maxAge: 9, scope: PUBLIC) @cacheControl(scope: PRIVATE)', 'private 9'],
    ['@join__directive(graphs: [A], name: "cacheControl", args: {maxAge: 9, scope: "PUBLIC"})', 'public 9'],
    ['@join__directive(graphs: [A], name: "federation__cacheControl", args: {maxAge: 9, scope: PUBLIC})', 'public 9'],
    [
      '@join__directive(graphs: [A], name: "cacheControl", args: {maxAge: 9, scope: PUBLIC}) @join__directive(graphs: [B], name: "cacheControl", args: {maxAge: 2})',
      'public 2',
    ],
    ['@join__directive(graphs: [A], name: "other", args: {maxAge: 9, scope: PUBLIC})', 'private 0'],
    ['@other(maxAge: 9, scope: PUBLIC)', 'private 0'],
  ])('%s', (directives, expected) => {
    expect(policy(`${types} type Query { a: Int ${directives} }`, '{ a }')).toBe(expected);
  });

  test.each([
    ['import: [{ name: "@cacheControl", as: "@keep" }]', 'keep'],
    ['as: "cc"', 'cc'],
    ['as: "cc"', 'cc__cacheControl'],
    ['import: ["@cacheControl"]', 'cacheControl'],
  ])('under the name that a link gives it: %s, @%s', (how, name) => {
    const link = `schema @link(url: "https://specs.example.test/cacheControl/v1.0", ${how}) { query: Query }`;

    expect(policy(`${link} type Query { a: Int @${name}(maxAge: 9, scope: PUBLIC) }`, '{ a }')).toBe('public 9');
  });
});

test('what only some callers may have is private, through interfaces too', () => {
  const guarded = /* GraphQL */ `
    schema @link(url: "https://specs.apollo.dev/authenticated/v0.1", for: SECURITY) {
      query: Query
    }
    type Query {
      open: Int @cacheControl(maxAge: 9, scope: PUBLIC)
      guarded: Int @cacheControl(maxAge: 9, scope: PUBLIC) @authenticated
      node: Node @cacheControl(maxAge: 9, scope: PUBLIC)
      account: Account @cacheControl(maxAge: 9, scope: PUBLIC)
    }
    interface Node {
      id: ID
    }
    type Book implements Node {
      id: ID @authenticated
    }
    type Account @authenticated {
      id: ID
    }
  `;
  expect(policy(guarded, '{ open }')).toBe('public 9');
  expect(policy(guarded, '{ guarded }')).toBe('private 9');
  expect(policy(guarded, '{ node { id } }')).toBe('private 9');
  expect(policy(guarded, '{ account { id } }')).toBe('private 9');
  expect(policy(guarded, '{ _entities { ... on Account { id } } }')).toMatch(/^private/);
});
