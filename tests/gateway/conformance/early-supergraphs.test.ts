import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { loadGatewayConfig } from '@tessera/gateway/config';
import { createGateway } from '@tessera/gateway/gateway';
import { createLeftovers, quietLogger } from '../../support/leftovers.js';
import { ask, startSubgraphs, type ComposedSubgraphs } from '../support/gateway-over.js';

const leftovers = createLeftovers();
let subgraphs: ComposedSubgraphs;

const found = [
  { __typename: 'Book', id: '1', title: 'Dune' },
  { __typename: 'Film', id: '2', title: 'Alien' },
];

beforeAll(async () => {
  subgraphs = await startSubgraphs({
    media: {
      typeDefs: `
        type Query { search: [Result] }
        union Result = Book | Film
        interface Media { id: ID! title: String }
        type Book implements Media @key(fields: "id") { id: ID! title: String }
        type Film implements Media @key(fields: "id") { id: ID! title: String }`,
      resolvers: { Query: { search: () => found } },
    },
    books: {
      typeDefs: 'type Book @key(fields: "id") { id: ID! pages: Int }',
      resolvers: { Book: { __resolveReference: ({ id }: { id: string }) => ({ id, pages: 412 }) } },
    },
  });
  leftovers.defer('subgraphs', subgraphs.close);
});

afterAll(() => leftovers.close());

const graphs = (): string => `
  directive @join__graph(name: String!, url: String!) on ENUM_VALUE
  scalar join__FieldSet
  enum join__Graph {
    BOOKS @join__graph(name: "books" url: "${subgraphs.subgraphs.get('books')?.url}")
    MEDIA @join__graph(name: "media" url: "${subgraphs.subgraphs.get('media')?.url}")
  }`;

const byFederation1 = (): string => `
  schema @core(feature: "https://specs.apollo.dev/core/v0.1") @core(feature: "https://specs.apollo.dev/join/v0.1") {
    query: Query
  }
  directive @core(feature: String!) repeatable on SCHEMA
  directive @join__field(graph: join__Graph, provides: join__FieldSet, requires: join__FieldSet) on FIELD_DEFINITION
  directive @join__owner(graph: join__Graph!) on INTERFACE | OBJECT
  directive @join__type(graph: join__Graph!, key: join__FieldSet) repeatable on INTERFACE | OBJECT
  ${graphs()}
  type Book implements Media @join__owner(graph: MEDIA) @join__type(graph: MEDIA, key: "id")
    @join__type(graph: BOOKS, key: "id") {
    id: ID! @join__field(graph: MEDIA)
    title: String @join__field(graph: MEDIA)
    pages: Int @join__field(graph: BOOKS)
  }
  type Film implements Media @join__owner(graph: MEDIA) @join__type(graph: MEDIA, key: "id") {
    id: ID! @join__field(graph: MEDIA)
    title: String @join__field(graph: MEDIA)
  }
  interface Media { id: ID! title: String }
  union Result = Book | Film
  type Query { search: [Result] @join__field(graph: MEDIA) }`;

const byFirstFederation2 = (): string => `
  schema @link(url: "https://specs.apollo.dev/link/v1.0")
    @link(url: "https://specs.apollo.dev/join/v0.2", for: EXECUTION) { query: Query }
  directive @link(url: String, as: String, for: link__Purpose, import: [link__Import]) repeatable on SCHEMA
  scalar link__Import
  enum link__Purpose { SECURITY EXECUTION }
  directive @join__field(graph: join__Graph!, requires: join__FieldSet, provides: join__FieldSet, type: String,
    external: Boolean, override: String, usedOverridden: Boolean) repeatable on FIELD_DEFINITION | INPUT_FIELD_DEFINITION
  directive @join__implements(graph: join__Graph!, interface: String!) repeatable on OBJECT | INTERFACE
  directive @join__type(graph: join__Graph!, key: join__FieldSet, extension: Boolean! = false,
    resolvable: Boolean! = true) repeatable on OBJECT | INTERFACE | UNION | ENUM | INPUT_OBJECT | SCALAR
  ${graphs()}
  type Book implements Media @join__implements(graph: MEDIA, interface: "Media")
    @join__type(graph: MEDIA, key: "id") @join__type(graph: BOOKS, key: "id") {
    id: ID!
    title: String @join__field(graph: MEDIA)
    pages: Int @join__field(graph: BOOKS)
  }
  type Film implements Media @join__implements(graph: MEDIA, interface: "Media") @join__type(graph: MEDIA, key: "id") {
    id: ID!
    title: String
  }
  interface Media @join__type(graph: MEDIA) { id: ID! title: String }
  union Result @join__type(graph: MEDIA) = Book | Film
  type Query @join__type(graph: BOOKS) @join__type(graph: MEDIA) { search: [Result] @join__field(graph: MEDIA) }`;

test.each([
  ['Federation 1', byFederation1],
  ['the first Federation 2', byFirstFederation2],
])('a supergraph as %s composed it is served, and shows nothing of its machinery', async (_name, supergraph) => {
  const gateway = await createGateway({
    config: loadGatewayConfig({ PORT: '0', HOST: '127.0.0.1', DRAIN_DELAY_MS: '0', PLAN_TIMEOUT_MS: '20000' }),
    supergraphSdl: supergraph(),
    logger: quietLogger(),
  });
  leftovers.defer('gateway', () => gateway.stop());
  const url = `http://127.0.0.1:${gateway.port}/graphql`;

  expect(await ask(url, '{ search { __typename ... on Book { pages } ... on Media { title } } }')).toEqual({
    data: {
      search: [
        { __typename: 'Book', pages: 412, title: 'Dune' },
        { __typename: 'Film', title: 'Alien' },
      ],
    },
  });
  const { data } = await ask(url, '{ __schema { types { name } directives { name } } }');
  expect(JSON.stringify(data)).not.toMatch(/join__|core|link/);
});
