import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { GraphQLError } from 'graphql';
import { planners, startFederation, type Federation } from '../support/federation.js';

/** `list` gives places in many shapes; `guide` knows no `p2`, refuses `p3`, and fails in some fields. */
describe.each([...planners, 'auto' as const])('answers of _entities (planned by %s)', (planner) => {
  let federation: Federation;

  beforeAll(async () => {
    const place = (id: string) => ({ __typename: id.startsWith('x') ? 'Park' : 'Museum', id });
    federation = await startFederation(
      {
        list: {
          typeDefs: `
            type Query { places: [Place]  grid: [[Place!]]  strict: [Museum!]  cities: [City!]! }
            interface Place { id: ID! }
            type Museum implements Place @key(fields: "id") { id: ID! }
            type Park implements Place @key(fields: "id") { id: ID! }
            type City { best: Museum  parks: [Park] }`,
          resolvers: {
            Query: {
              places: () => ['p1', 'x1', 'p2', 'p3', 'x2', 'p1'].map(place),
              grid: () => [[place('p1'), place('x1')], null, [place('p2')], []],
              strict: () => [place('p1'), place('p2')],
              cities: () => [
                { best: place('p3'), parks: [place('x1')] },
                { best: place('p1'), parks: null },
              ],
            },
          },
        },
        guide: {
          typeDefs: `
            type Museum @key(fields: "id") { id: ID!  fee: Int  stars: Int!  rooms: [Room!]  next: Museum }
            type Park @key(fields: "id") { id: ID!  fee: Int  trees: [[Tree]!] }
            type Room { name: String!  size: Int }
            type Tree { age: Int }`,
          resolvers: {
            Museum: {
              __resolveReference: async ({ id }: { id: string }) => {
                if (id === 'p3') throw new GraphQLError('closed', { extensions: { code: 'FORBIDDEN' } });
                return id === 'p2' ? null : { id };
              },
              fee: () => 10,
              stars: () => 4,
              rooms: () => [
                { name: 'a', size: 1 },
                { name: 'b', size: () => Promise.reject(new Error('size')) },
              ],
              next: () => ({ id: 'p2' }),
            },
            Park: {
              __resolveReference: ({ id }: { id: string }) => ({ id }),
              fee: () => 0,
              trees: () => [[{ age: 9 }, null], []],
            },
          },
        },
      },
      { planner },
    );
  });

  afterAll(() => federation.close());

  test('go to their places in whatever order types come', async () => {
    const answer = await federation.run('{ places { id ... on Park { fee } ... on Museum { price: fee } } }');

    expect(answer.data).toEqual({
      places: [
        { id: 'p1', price: 10 },
        { id: 'x1', fee: 0 },
        { id: 'p2', price: null },
        { id: 'p3', price: null },
        { id: 'x2', fee: 0 },
        { id: 'p1', price: 10 },
      ],
    });
    expect(answer.errors).toEqual([
      { message: 'closed', path: ['places', 3, 'price'], extensions: { code: 'FORBIDDEN', requestId: 'request-1' } },
    ]);
  });

  test('go into lists of lists', async () => {
    const answer = await federation.run('{ grid { id ... on Park { trees { age } } ... on Museum { fee } } }');

    expect(answer).toEqual({
      data: {
        grid: [
          [
            { id: 'p1', fee: 10 },
            { id: 'x1', trees: [[{ age: 9 }, null], []] },
          ],
          null,
          [{ id: 'p2', fee: null }],
          [],
        ],
      },
    });
  });

  test('that lack an entity empty what must not be null', async () => {
    const answer = await federation.run('{ strict { id stars } }');

    expect(answer.data).toEqual({ strict: null });
    expect(answer.errors).toEqual([expect.objectContaining({ path: ['strict', 1, 'stars'] })]);
  });

  test('carry errors to the exact place below the entity', async () => {
    const answer = await federation.run('{ cities { best { rooms { name size } } parks { fee } } }');

    expect(answer.data).toEqual({
      cities: [
        { best: { rooms: null }, parks: [{ fee: 0 }] },
        {
          best: {
            rooms: [
              { name: 'a', size: 1 },
              { name: 'b', size: null },
            ],
          },
          parks: null,
        },
      ],
    });
    expect(answer.errors?.map(({ path }) => path)).toEqual([
      ['cities', 0, 'best', 'rooms'],
      ['cities', 1, 'best', 'rooms', 1, 'size'],
    ]);
  });

  test('may lead to entities that are not known either', async () => {
    expect(await federation.run('{ cities { best { next { id fee } } } }')).toMatchObject({
      data: { cities: [{ best: { next: null } }, { best: { next: { id: 'p2', fee: 10 } } }] },
    });
  });

  test('tell why an entity is empty, whichever of its fields is asked for first', async () => {
    federation.subgraph('guide').answerNext({
      kind: 'json',
      body: {
        data: { _entities: [null], _e0: [null] },
        errors: [{ message: 'no stars', path: ['_entities', 0, 'stars'] }],
      },
    });

    const answer = await federation.run('{ cities { best { id fee stars } } }');

    expect(answer.data).toEqual({ cities: [{ best: null }, { best: null }] });
    expect(answer.errors?.length).toBeGreaterThan(0);
  });
});
