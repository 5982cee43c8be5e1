import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  encodePrincipal,
  newAccessTokenHeader,
  principalHeader,
  servicePrincipal,
  type Principal,
} from '@tessera/service/identity';
import { startFederation, type Federation } from '../support/federation.js';

const ann: Principal = { kind: 'user', userId: '0190c0de-0000-7000-8000-00000000000a', roles: [], scopes: [] };
const caller = { principal: ann, encodedPrincipal: encodePrincipal(ann) };
const source = 'mutation { signIn { id name } }';
const signedIn = { data: { signIn: { __typename: 'Person', id: '1' } } };
let federation: Federation;

beforeAll(async () => {
  federation = await startFederation(
    {
      auth: {
        typeDefs: `type Query { me: Person } type Mutation { signIn: Person } type Person @key(fields: "id") { id: ID! }`,
        resolvers: { Query: { me: () => ({ id: '1' }) }, Mutation: { signIn: () => ({ id: '1' }) } },
      },
      people: {
        typeDefs: `type Person @key(fields: "id") { id: ID! name: String }`,
        resolvers: { Person: { name: () => 'Ann' } },
      },
    },
    { client: { signingSecret: 'a secret that gateway and subgraphs share' } },
  );
});

beforeEach(() => federation.subgraph('people').forgetRequests());
afterAll(() => federation.close());

const principalsSeenByPeople = () =>
  federation.subgraph('people').requests.map(({ headers }) => headers[principalHeader]);

describe('a mutation whose answer brings a new access token', () => {
  test('has its fields of other subgraphs asked as the person of that token', async () => {
    federation
      .subgraph('auth')
      .answerNext({ kind: 'json', body: signedIn, headers: { [newAccessTokenHeader]: 'token-of-ann' } });
    const tokens: string[] = [];

    const answer = await federation.run(source, undefined, {
      reauthenticate: async (token) => {
        tokens.push(token);
        return caller;
      },
    });

    expect(answer).toEqual({ data: { signIn: { id: '1', name: 'Ann' } } });
    expect(tokens).toEqual(['token-of-ann']);
    expect(principalsSeenByPeople()).toEqual([caller.encodedPrincipal]);
  });

  test('is answered as before where the token does not verify', async () => {
    federation
      .subgraph('auth')
      .answerNext({ kind: 'json', body: signedIn, headers: { [newAccessTokenHeader]: 'forged' } });
    const before = servicePrincipal();

    const answer = await federation.run(source, undefined, {
      encodedPrincipal: encodePrincipal(before),
      reauthenticate: async () => {
        throw new Error('not valid');
      },
    });

    expect(answer.data).toEqual({ signIn: { id: '1', name: 'Ann' } });
    expect(principalsSeenByPeople()).toEqual([encodePrincipal(before)]);
  });
});

test('a query cannot change who the caller is', async () => {
  const body = { data: { me: { __typename: 'Person', id: '1' } } };
  federation.subgraph('auth').answerNext({ kind: 'json', body, headers: { [newAccessTokenHeader]: 'token-of-ann' } });

  await federation.run('{ me { id name } }', undefined, { reauthenticate: async () => caller });

  expect(principalsSeenByPeople()).not.toContain(caller.encodedPrincipal);
});
