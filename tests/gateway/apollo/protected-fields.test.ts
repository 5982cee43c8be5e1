import { ApolloServer } from '@apollo/server';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { TesseraGateway } from '@tessera/gateway/apollo/tessera-gateway';
import { composeSubgraphs } from '../../support/compose-subgraphs.js';
import { startFakeSubgraph, type FakeSubgraph } from '../../support/fake-subgraph.js';

const typeDefs = /* GraphQL */ `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@authenticated", "@requiresScopes"])
  type Query {
    open: String
    known: String @authenticated
    scoped: String @requiresScopes(scopes: [["read"]])
  }
`;

let subgraph: FakeSubgraph;
let server: ApolloServer<{ readonly scopes?: string[] }>;

beforeAll(async () => {
  const resolvers = { Query: { open: () => 'a', known: () => 'b', scoped: () => 'c' } };
  subgraph = await startFakeSubgraph(typeDefs, resolvers);
  const supergraphSdl = composeSubgraphs([{ name: 'only', url: subgraph.url, typeDefs }]);
  server = new ApolloServer({
    gateway: new TesseraGateway({
      supergraphSdl,
      principal: ({ context }) => {
        const scopes: unknown = context['scopes'];
        return Array.isArray(scopes)
          ? { kind: 'user', roles: [], scopes: scopes.map(String) }
          : { kind: 'anonymous', roles: [], scopes: [] };
      },
    }),
  });
  await server.start();
});

afterAll(async () => {
  await server.stop();
  await subgraph.close();
});

async function ask(contextValue: { readonly scopes?: string[] }) {
  const { body } = await server.executeOperation({ query: '{ open known scoped }' }, { contextValue });
  if (body.kind !== 'single') throw new Error('The answer is incremental');
  return body.singleResult;
}

test('a supergraph that ApolloGateway refuses is served, and protected by what the context says about the caller', async () => {
  const anonymous = await ask({});

  expect({ ...anonymous.data }).toEqual({ open: 'a', known: null, scoped: null });
  expect(anonymous.errors).toMatchObject([
    { path: ['known'], extensions: { code: 'UNAUTHENTICATED' } },
    { path: ['scoped'], extensions: { code: 'UNAUTHENTICATED' } },
  ]);
  expect({ ...(await ask({ scopes: [] })).data }).toEqual({ open: 'a', known: 'b', scoped: null });
  expect({ ...(await ask({ scopes: ['read'] })).data }).toEqual({ open: 'a', known: 'b', scoped: 'c' });
});
