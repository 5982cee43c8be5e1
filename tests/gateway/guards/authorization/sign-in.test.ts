import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { newAccessTokenHeader } from '@tessera/service/identity';
import { startProtectedGraph, type ProtectedGraph, type TestCaller } from '../../support/protected-graph.js';

const subgraphs = {
  accounts: {
    typeDefs: `
      type Query { nobody: Person }
      type Mutation { signIn: Person  purge: String @authenticated }
      type Person @key(fields: "id") { id: ID!  login: String @authenticated }`,
    resolvers: { Mutation: { signIn: () => ({ id: 'p1', login: 'ada' }), purge: () => 'purged' } },
  },
  people: {
    typeDefs: `
      type Mutation { rename: Person }
      type Person @key(fields: "id") {
        id: ID!  name: String  email: String @authenticated  salary: Int @requiresScopes(scopes: [["money"]])
      }`,
    resolvers: {
      Mutation: { rename: () => ({ id: 'p1' }) },
      Person: { name: () => 'Ada', email: () => 'ada@example.test', salary: () => 7 },
    },
  },
};

const denied = (code: string, ...path: string[]) =>
  expect.objectContaining({ path, extensions: expect.objectContaining({ code }) });

let graph: ProtectedGraph;

beforeAll(async () => {
  graph = await startProtectedGraph({ subgraphs });
});

beforeEach(() => {
  graph.asked('accounts');
  graph.asked('people');
});

afterAll(() => graph.close());

/** The subgraph's next answer signs somebody in. */
async function signsIn(caller: TestCaller): Promise<void> {
  graph.subgraph('accounts').answerNext({
    kind: 'json',
    body: { data: { signIn: { __typename: 'Person', id: 'p1', login: 'ada' } } },
    headers: { [newAccessTokenHeader]: await graph.issuer.issue(caller) },
  });
}

describe('what is protected below a mutation that signs somebody in', () => {
  test('is answered as that person may have it', async () => {
    await signsIn({});

    const { data, errors } = await graph.ask('mutation { signIn { login name email } }');

    expect(errors).toBeUndefined();
    expect(data).toEqual({ signIn: { login: 'ada', name: 'Ada', email: 'ada@example.test' } });
  });

  test('and what that person may not have either is neither asked for nor answered', async () => {
    await signsIn({});

    const { data, errors } = await graph.ask('mutation { signIn { login email salary } }');

    expect(data).toEqual({ signIn: { login: 'ada', email: 'ada@example.test', salary: null } });
    expect(errors).toEqual([denied('FORBIDDEN', 'signIn', 'salary')]);
    expect(graph.asked('people')).not.toContain('salary');
  });

  test('is withheld where nobody has been signed in, and not asked for after the mutation', async () => {
    const { data, errors } = await graph.ask('mutation { signIn { login name email } }');

    expect(data).toEqual({ signIn: { login: null, name: 'Ada', email: null } });
    expect(errors).toEqual([
      denied('UNAUTHENTICATED', 'signIn', 'login'),
      denied('UNAUTHENTICATED', 'signIn', 'email'),
    ]);
    expect(graph.asked('people')).not.toContain('email');
  });

  test('of a later field is judged by the person that an earlier one has signed in', async () => {
    await signsIn({ scope: 'money' });

    const { data, errors } = await graph.ask('mutation { signIn { name } rename { email salary } }');

    expect(errors).toBeUndefined();
    expect(data).toEqual({ signIn: { name: 'Ada' }, rename: { email: 'ada@example.test', salary: 7 } });
  });
});

test('a protected mutation is not done for who was anonymous when asking, whoever signs in beside it', async () => {
  await signsIn({});

  const { data, errors } = await graph.ask('mutation { signIn { email } purge }');

  expect(data).toEqual({ signIn: { email: 'ada@example.test' }, purge: null });
  expect(errors).toEqual([denied('UNAUTHENTICATED', 'purge')]);
  expect(graph.asked('accounts')).not.toContain('purge');
});
