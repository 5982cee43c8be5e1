import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { planners, startFederation, type Federation } from '../support/federation.js';

/** `old` had all fields of posts; `fresh` has taken some of them over. Both say which of them they are. */
describe.each([...planners, 'auto' as const])('@override (planned by %s)', (planner) => {
  let federation: Federation;

  beforeAll(async () => {
    const reference = { __resolveReference: (given: object) => given };
    federation = await startFederation(
      {
        old: {
          typeDefs: `
            type Query { feed: [Entry!]!  posts: [Post!]! }
            interface Entry { id: ID!  createdAt: String }
            type Post implements Entry @key(fields: "id") {
              id: ID!  createdAt: String  title: String  words: Int  rolling: String  rolled: String  partly: String
              reading: String
            }
            type Photo implements Entry @key(fields: "id") { id: ID!  createdAt: String }`,
          resolvers: {
            Query: {
              feed: () => [
                { __typename: 'Post', id: '1' },
                { __typename: 'Photo', id: '2' },
              ],
              posts: () => [{ id: '1' }],
            },
            Post: {
              ...reference,
              createdAt: () => 'old',
              title: () => 'old',
              words: () => 100,
              rolling: () => 'old',
              rolled: () => 'old',
              partly: () => 'old',
              reading: () => 'old',
            },
            Photo: { ...reference, createdAt: () => 'old' },
          },
        },
        fresh: {
          typeDefs: `
            type Query { post: Post }
            type Post @key(fields: "id") {
              id: ID!
              createdAt: String @override(from: "old")
              title: String @override(from: "old")
              rolling: String @override(from: "old", label: "percent(0)")
              rolled: String @override(from: "old", label: "percent(100)")
              partly: String @override(from: "old", label: "percent(30)")
              reading: String @override(from: "old") @requires(fields: "words")
              words: Int @external
              removed: String @override(from: "gone")
            }`,
          resolvers: {
            Query: { post: () => ({ id: '1' }) },
            Post: {
              ...reference,
              createdAt: () => 'fresh',
              title: () => 'fresh',
              rolling: () => 'fresh',
              rolled: () => 'fresh',
              partly: () => 'fresh',
              reading: ({ words }: { words: number }) => `fresh ${words}`,
              removed: () => 'fresh',
            },
          },
        },
      },
      { planner },
    );
  });

  afterAll(() => federation.close());

  test('moves a field to another subgraph, from wherever the entity comes', async () => {
    expect(await federation.run('{ posts { title } post { title } }')).toEqual({
      data: { posts: [{ title: 'fresh' }], post: { title: 'fresh' } },
    });
  });

  test('moves a field that stands behind an interface', async () => {
    expect(await federation.run('{ feed { id createdAt } }')).toEqual({
      data: {
        feed: [
          { id: '1', createdAt: 'fresh' },
          { id: '2', createdAt: 'old' },
        ],
      },
    });
  });

  test('moves a field with what it requires there', async () => {
    expect(await federation.run('{ posts { reading } post { reading } }')).toEqual({
      data: { posts: [{ reading: 'fresh 100' }], post: { reading: 'fresh 100' } },
    });
  });

  test('means nothing where the subgraph that it names is not there', async () => {
    expect(await federation.run('{ posts { removed } }')).toEqual({ data: { posts: [{ removed: 'fresh' }] } });
  });

  test('leaves a field where it was as long as its label is not rolled out', async () => {
    expect(await federation.run('{ posts { rolling } post { rolling } }')).toEqual({
      data: { posts: [{ rolling: 'old' }], post: { rolling: 'old' } },
    });
  });

  test('moves a field for good that is rolled out to all', async () => {
    expect(await federation.run('{ posts { rolled } post { rolled } }')).toEqual({
      data: { posts: [{ rolled: 'fresh' }], post: { rolled: 'fresh' } },
    });
  });

  test('moves a field for as many requests as its label says, and for each of them everywhere', async () => {
    const source = '{ posts { partly } post { partly } }';
    let fresh = 0;
    for (let number = 0; number < 200; number += 1) {
      const { data } = await federation.run(source, {}, { requestId: `request-${number}` });
      const from = JSON.stringify(data).includes('fresh') ? 'fresh' : 'old';
      expect(data).toEqual({ posts: [{ partly: from }], post: { partly: from } });
      if (from === 'fresh') fresh += 1;
    }

    expect(fresh).toBeGreaterThan(30);
    expect(fresh).toBeLessThan(90);
  });
});
