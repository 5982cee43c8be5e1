import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openRawSocket } from '../../support/raw-socket.js';
import { startProtectedGraph, type ProtectedGraph } from '../../support/protected-graph.js';
import { library } from './library.js';

let graph: ProtectedGraph;

beforeAll(async () => {
  graph = await startProtectedGraph({
    subgraphs: library,
    grantPolicies: (policies, { principal }) => {
      const roles = principal.roles.map((role) => `role:${role}`);
      const granted = principal.scopes.includes('inspector') ? ['vetted', 'cleared'] : ['vetted'];
      return new Set([...roles, ...granted].filter((policy) => policies.includes(policy)));
    },
  });
});

afterAll(() => graph.close());

const denied = (code: string, ...path: (string | number)[]) =>
  expect.objectContaining({ path, extensions: expect.objectContaining({ code }) });

describe('a field that is @authenticated', () => {
  test('is null with UNAUTHENTICATED at its path, and not fetched, for an anonymous caller', async () => {
    graph.asked('people');

    const answer = await graph.ask('{ person(id: "p1") { name email } }');

    expect(answer).toMatchObject({ status: 200, data: { person: { name: 'Ada', email: null } } });
    expect(answer.errors).toEqual([denied('UNAUTHENTICATED', 'person', 'email')]);
    expect(graph.asked('people')).not.toContain('email');
  });

  test('is answered to whoever has signed in', async () => {
    const answer = await graph.ask('{ person(id: "p1") { name email } }', {});

    expect(answer.data).toEqual({ person: { name: 'Ada', email: 'ada@example.test' } });
    expect(answer.errors).toBeUndefined();
  });

  test('reports at every item of a list', async () => {
    const answer = await graph.ask('{ people { email } }');

    expect(answer.data).toEqual({ people: [{ email: null }, { email: null }] });
    expect(answer.errors).toEqual([
      denied('UNAUTHENTICATED', 'people', 0, 'email'),
      denied('UNAUTHENTICATED', 'people', 1, 'email'),
    ]);
  });

  test('is withheld under every alias and through fragments, nested and named', async () => {
    graph.asked('people');

    const answer = await graph.ask(`
      query ($yes: Boolean = true) {
        person(id: "p1") { mail: email ...Bits ... on Person { again: email @include(if: $yes) } }
      }
      fragment Bits on Person { name ...More }
      fragment More on Person { friends { address: email } }
    `);

    expect(answer.data).toEqual({
      person: { mail: null, name: 'Ada', friends: [{ address: null }], again: null },
    });
    expect(answer.errors).toHaveLength(3);
    expect(Object.keys(answer.data?.['person'] ?? {})).toEqual(['mail', 'name', 'friends', 'again']);
    expect(graph.asked('people')).not.toContain('email');
  });

  test('is not reported where the operation skips it', async () => {
    const answer = await graph.ask(
      'query ($mail: Boolean!) { person(id: "p1") { name email @include(if: $mail) } }',
      undefined,
      {
        mail: false,
      },
    );

    expect(answer.data).toEqual({ person: { name: 'Ada' } });
    expect(answer.errors).toBeUndefined();
  });

  test('empties the nearest nullable place above it where it must not be null', async () => {
    const answer = await graph.ask('{ person(id: "p1") { name strict } strict { must } }');

    expect(answer.data).toBeNull();
    expect(answer.errors).toEqual([
      denied('UNAUTHENTICATED', 'person', 'strict'),
      denied('UNAUTHENTICATED', 'strict', 'must'),
    ]);
    expect((await graph.ask('{ person(id: "p1") { name strict } }')).data).toEqual({ person: null });
  });

  test('asks no subgraph at all where nothing is left', async () => {
    graph.asked('people');

    const answer = await graph.ask('{ audit }');

    expect(answer.data).toEqual({ audit: null });
    expect(graph.asked('people')).toBe('');
  });

  test('leaves a mutation unmade', async () => {
    graph.asked('people');

    const answer = await graph.ask('mutation { rename(id: "p1", name: "Eve") { name } touch(id: "p1") { name } }');

    expect(answer.data).toEqual({ rename: null, touch: { name: 'Ada' } });
    expect(graph.asked('people')).not.toContain('rename');
  });
});

describe('a field that @requiresScopes', () => {
  test.each([
    ['all scopes of one list', 'read payroll', 10],
    ['the scope of the other list', 'admin', 10],
    ['a part of a list', 'payroll', null],
    ['other scopes', 'write', null],
  ])('judges a caller with %s', async (_name, scope, salary) => {
    const answer = await graph.ask('{ person(id: "p1") { salary } }', { scope });

    expect(answer.data).toEqual({ person: { salary } });
    expect(answer.errors ?? []).toEqual(salary === null ? [denied('FORBIDDEN', 'person', 'salary')] : []);
  });

  test('tells an anonymous caller to sign in', async () => {
    const answer = await graph.ask('{ person(id: "p1") { salary } }');

    expect(answer.errors).toEqual([denied('UNAUTHENTICATED', 'person', 'salary')]);
  });

  test('asks for everything where several directives stand on it', async () => {
    expect((await graph.ask('{ person(id: "p1") { password } }', {})).data).toEqual({ person: { password: null } });
    expect((await graph.ask('{ person(id: "p1") { password } }', { scope: 'admin' })).data).toEqual({
      person: { password: 'hunter2' },
    });
  });
});

describe('a field with a @policy', () => {
  test.each([
    ['a role that is named as a policy', { roles: ['LIBRARIAN'] }, 'a thick file'],
    ['all policies of one list', { scope: 'inspector' }, 'a thick file'],
    ['only one of two policies', {}, null],
  ])('judges a caller with %s by the hook', async (_name, caller, file) => {
    expect((await graph.ask('{ person(id: "p1") { file } }', caller)).data).toEqual({ person: { file } });
  });
});

describe('a protected type', () => {
  test('protects the fields that return it: objects, enums and scalars', async () => {
    const query = '{ ledger { total } secretScalar grade vault { __typename } }';

    const anonymous = await graph.ask(query);
    const clerk = await graph.ask(query, { scope: 'payroll' });

    expect(anonymous.data).toEqual({ ledger: null, secretScalar: null, grade: null, vault: null });
    expect(anonymous.errors).toHaveLength(4);
    expect(clerk.data).toEqual({
      ledger: { total: 30 },
      secretScalar: 'hidden',
      grade: 'HIGH',
      vault: { __typename: 'Vault' },
    });
  });

  test('asks for its own rules and those of its fields', async () => {
    const query = '{ vault { id gold } }';

    expect((await graph.ask(query, {})).data).toEqual({ vault: { id: 'v1', gold: null } });
    expect((await graph.ask(query, { scope: 'admin' })).data).toEqual({ vault: { id: 'v1', gold: 1_000 } });
  });
});

test('callers whose rights differ do not get each other’s answers to one text', async () => {
  const query = '{ person(id: "p1") { email salary } }';
  const ask = async (caller?: { scope: string }) => (await graph.ask(query, caller)).data?.['person'];

  const rounds = await Promise.all(
    [0, 1, 2].map(async () => [await ask(), await ask({ scope: 'admin' }), await ask({ scope: '' })]),
  );

  for (const round of rounds) {
    expect(round).toEqual([
      { email: null, salary: null },
      { email: 'ada@example.test', salary: 10 },
      { email: 'ada@example.test', salary: null },
    ]);
  }
});

test('introspection shows protected fields and needs no rights', async () => {
  const answer = await graph.ask('{ __typename __type(name: "Person") { fields { name } } }');

  expect(JSON.stringify(answer.data)).toContain('salary');
  expect(answer.errors).toBeUndefined();
});

test('a query over a WebSocket is judged by who the socket belongs to', async () => {
  const payload = { query: '{ person(id: "p1") { name email } }' };
  const tokens = [undefined, { authorization: `Bearer ${await graph.issuer.issue()}` }];

  const answers = await Promise.all(
    tokens.map(async (token) => {
      const socket = await openRawSocket(graph.socketUrl);
      await socket.initialise(token);
      socket.send({ id: '1', type: 'subscribe', payload });
      const answer = await socket.next();
      socket.socket.close();
      return answer;
    }),
  );

  expect(answers).toMatchObject([
    { payload: { data: { person: { email: null } }, errors: [denied('UNAUTHENTICATED', 'person', 'email')] } },
    { payload: { data: { person: { email: 'ada@example.test' } } } },
  ]);
});
