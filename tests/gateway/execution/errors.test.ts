import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { GraphQLError } from 'graphql';
import { planners, startFederation, type Federation, type SubgraphDefinition } from '../support/federation.js';

const fail = (code?: string, extensions: Record<string, unknown> = {}) => {
  throw new GraphQLError('told by the subgraph', {
    extensions: { ...(code === undefined ? {} : { code }), ...extensions },
  });
};

const masked = { code: 'INTERNAL_SERVER_ERROR', requestId: 'request-1' };

/** Two subgraphs: one lists people, the other knows more of each. `p2` is not known to it, `p3` fails. */
const definitions: Record<string, SubgraphDefinition> = {
  people: {
    typeDefs: `
      type Query { people: [Person!]!  nullable: [Person]  one: Person  strict: Person!  version: String!  broken: Int! }
      type Person @key(fields: "id") { id: ID!  name: String!  nick: String  pets: [Pet!]!  kin: [Person] }
      type Pet { name: String! }`,
    resolvers: {
      Query: {
        people: () => ['p1', 'p2', 'p3', 'p1'].map((id) => ({ id })),
        nullable: () => ['p1', 'p3', 'p1'].map((id) => ({ id })),
        one: () => ({ id: 'p3' }),
        strict: () => fail('NOT_FOUND', { details: { kind: 'Person' }, stacktrace: ['secret'], retryAfterSeconds: 3 }),
        version: () => '1',
        broken: () => 'not a number',
      },
      Person: {
        __resolveReference: (reference: object) => reference,
        name: ({ id }: { id: string }) => id.toUpperCase(),
        nick: () => fail(),
        pets: () => [{ name: 'Rex' }, {}],
        kin: () => [{ id: 'p1' }, null],
      },
    },
  },
  details: {
    typeDefs: `
      type Query { details: Int }
      type Person @key(fields: "id") { id: ID!  age: Int  mail: String!  home: Home  boss: Person }
      type Home { street: String!  city: String }`,
    resolvers: {
      Person: {
        __resolveReference: async ({ id }: { id: string }) => {
          if (id === 'p3') fail('FORBIDDEN');
          return id === 'p2' ? null : { id };
        },
        age: () => fail('NOT_FOUND'),
        mail: ({ id }: { id: string }) => `${id}@example.test`,
        home: () => ({ city: 'Bern' }),
        boss: () => ({ id: 'p3' }),
      },
    },
  },
};

describe.each(planners)('an error (planned by %s)', (planner) => {
  let federation: Federation;

  beforeEach(async () => {
    federation = await startFederation(definitions, { planner });
  });

  afterEach(() => federation.close());

  test('of an entity stands at every place where the entity stands', async () => {
    const answer = await federation.run('{ nullable { name years: age } }');

    expect(answer.data).toEqual({
      nullable: [
        { name: 'P1', years: null },
        { name: 'P3', years: null },
        { name: 'P1', years: null },
      ],
    });
    expect(answer.errors).toEqual([
      { message: 'told by the subgraph', path: ['nullable', 0, 'years'], extensions: { ...masked, code: 'NOT_FOUND' } },
      { message: 'told by the subgraph', path: ['nullable', 1, 'years'], extensions: { ...masked, code: 'FORBIDDEN' } },
      { message: 'told by the subgraph', path: ['nullable', 2, 'years'], extensions: { ...masked, code: 'NOT_FOUND' } },
    ]);
  });

  test('below a list of the subgraph keeps its whole path, in the words of the response', async () => {
    const answer = await federation.run('{ who: one { animals: pets { called: name } } }');

    expect(answer).toEqual({
      errors: [{ message: 'An unexpected error happened', path: ['who', 'animals', 1, 'called'], extensions: masked }],
      data: { who: null },
    });
  });

  test('inside an entity, where its subgraph nulled a parent, keeps its whole path and is reported once', async () => {
    const answer = await federation.run('{ nullable { home { street city } } }');

    expect(answer.data).toEqual({ nullable: [{ home: null }, { home: null }, { home: null }] });
    expect(answer.errors?.map(({ path }) => path?.join('.'))).toEqual([
      'nullable.0.home.street',
      'nullable.1.home',
      'nullable.2.home.street',
    ]);
  });

  test('keeps a code of the table, details and retry time, and nothing else', async () => {
    const answer = await federation.run('{ strict { name } }');

    expect(answer).toEqual({
      errors: [
        {
          message: 'told by the subgraph',
          path: ['strict'],
          extensions: { code: 'NOT_FOUND', requestId: 'request-1', details: { kind: 'Person' }, retryAfterSeconds: 3 },
        },
      ],
      data: null,
    });
  });

  test('without a code of the table is told without its text', async () => {
    const answer = await federation.run('{ one { nick } broken }');

    expect(JSON.stringify(answer)).not.toContain('told by');
    expect(JSON.stringify(answer)).not.toContain('not a number');
    expect(answer.errors?.map(({ extensions }) => extensions)).toEqual(expect.arrayContaining([masked]));
  });

  test('names a non-null field of an entity that its subgraph does not know, and nulls the nearest nullable parent', async () => {
    const answer = await federation.run('{ one { kin { id mail } } people { id age } }');

    expect(answer.data).toEqual({
      one: { kin: [{ id: 'p1', mail: 'p1@example.test' }, null] },
      people: ['p1', 'p2', 'p3', 'p1'].map((id) => ({ id, age: null })),
    });

    const strict = await federation.run('{ people { id mail } version }');

    expect(strict.data).toBeNull();
    expect(strict.errors?.[0]).toEqual({
      message: 'Cannot return null for non-nullable field Person.mail.',
      path: ['people', 1, 'mail'],
      extensions: masked,
    });
  });

  test('of a reference is told at the fields that it should have filled, also of fields that depend on them', async () => {
    const answer = await federation.run('{ one { name boss { name } home { city } } }');

    expect(answer.data).toEqual({ one: { name: 'P3', boss: null, home: null } });
    expect(answer.errors?.map(({ path }) => path)).toEqual([
      ['one', 'boss'],
      ['one', 'home'],
    ]);
  });
});
