import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { newAccessTokenHeader } from '@tessera/service/identity';
import { askInParts, mergeParts } from '../support/deferred-answers.js';
import { startProtectedGraph, type ProtectedGraph } from '../support/protected-graph.js';

let graph: ProtectedGraph;
let url: string;

beforeAll(async () => {
  graph = await startProtectedGraph({
    subgraphs: {
      accounts: {
        typeDefs: `
          type Query { person: Person }
          type Mutation { signIn: Person }
          type Person @key(fields: "id") { id: ID!  login: String @authenticated }`,
        resolvers: {
          Query: { person: () => ({ id: 'p1', login: 'ada' }) },
          Mutation: { signIn: () => ({ id: 'p1', login: 'ada' }) },
        },
      },
      people: {
        typeDefs: `
          type Person @key(fields: "id") { id: ID!  name: String  email: String @authenticated }`,
        resolvers: { Person: { name: () => 'Ada', email: () => 'ada@example.test' } },
      },
    },
  });
  url = `http://127.0.0.1:${graph.gateway.port}/graphql`;
});

beforeEach(() => {
  graph.asked('accounts');
  graph.asked('people');
});

afterAll(() => graph.close());

test('a field that its caller may not have is not asked for later either, and its reason comes with its fragment', async () => {
  const parts = await askInParts(url, { query: '{ person { id ... @defer { name email } } }' });

  expect(parts[0]).not.toHaveProperty('errors');
  expect(mergeParts(parts)).toMatchObject({
    data: { person: { id: 'p1', name: 'Ada', email: null } },
    errors: [{ path: ['person', 'email'], extensions: { code: 'UNAUTHENTICATED' } }],
  });
  expect(graph.asked('people')).not.toContain('email');
});

test('what a sign-in may be answered is not told before it is known, deferred or not', async () => {
  const query = 'mutation { signIn { id ... @defer { login email } } }';

  const [refused] = await askInParts(url, { query });
  graph.subgraph('accounts').answerNext({
    kind: 'json',
    body: { data: { signIn: { __typename: 'Person', id: 'p1', login: 'ada' } } },
    headers: { [newAccessTokenHeader]: await graph.issuer.issue() },
  });
  const [signedIn] = await askInParts(url, { query });

  expect(refused).toMatchObject({ data: { signIn: { login: null, email: null } }, hasNext: false });
  expect(signedIn).toEqual({ data: { signIn: { id: 'p1', login: 'ada', email: 'ada@example.test' } }, hasNext: false });
});
