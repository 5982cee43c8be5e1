import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { planners, startFederation, type Federation } from '../support/federation.js';

describe.each(planners)('a type that differs between subgraphs (planned by %s)', (planner) => {
  let federation: Federation;

  beforeAll(async () => {
    federation = await startFederation(
      {
        library: {
          typeDefs: `
          type Query { items: [Item!]!  hidden: Item  profile: Profile @shareable }
          interface Item @key(fields: "id") { id: ID!  title: String }
          type Book implements Item @key(fields: "id") { id: ID!  title: String }
          type Disc implements Item @key(fields: "id") { id: ID!  title: String }
          type Draft implements Item @key(fields: "id") @inaccessible { id: ID!  title: String }
          type Profile @shareable { name: String }`,
          resolvers: {
            Query: {
              items: () => [
                { __typename: 'Book', id: '1', title: 'Dune' },
                { __typename: 'Disc', id: '2', title: 'Blue' },
              ],
              hidden: () => ({ __typename: 'Draft', id: '3', title: 'Secret' }),
              profile: () => ({ name: 'Ada' }),
            },
            Item: { __resolveReference: ({ id }: { id: string }) => ({ __typename: 'Book', id, title: `T${id}` }) },
            Book: { __resolveReference: ({ id }: { id: string }) => ({ id, title: `T${id}` }) },
          },
        },
        likes: {
          typeDefs: `
          type Query { liked: [Item!]!  profile: Profile @shareable }
          type Item @key(fields: "id") @interfaceObject { id: ID!  likes: Int! }
          type Profile @shareable { age: Int }`,
          resolvers: {
            Query: { liked: () => [{ id: '1' }], profile: () => ({ age: 36 }) },
            Item: {
              __resolveReference: ({ id }: { id: string }) => ({ id }),
              likes: ({ id }: { id: string }) => Number(id),
            },
          },
        },
      },
      { planner },
    );
  });

  afterAll(() => federation.close());

  test('takes an interface’s fields from the subgraph that knows it as an object', async () => {
    expect(await federation.run('{ items { __typename title likes } }')).toEqual({
      data: {
        items: [
          { __typename: 'Book', title: 'Dune', likes: 1 },
          { __typename: 'Disc', title: 'Blue', likes: 2 },
        ],
      },
    });
  });

  test('finds the real type of such an object', async () => {
    expect(await federation.run('{ liked { __typename id likes ... on Book { title } } }')).toEqual({
      data: { liked: [{ __typename: 'Book', id: '1', likes: 1, title: 'T1' }] },
    });
  });

  test('reports the reason where the real type could not be found out', async () => {
    federation.subgraph('library').answerNext({ kind: 'text', body: 'garbage' });

    const answer = await federation.run('{ liked { __typename likes } }');

    expect(answer.data).toBeNull();
    expect(answer.errors).toEqual([
      expect.objectContaining({
        path: ['liked', 0],
        extensions: { code: 'SUBGRAPH_UNAVAILABLE', requestId: 'request-1' },
      }),
    ]);
  });

  test('hides an object of an inaccessible type behind a null', async () => {
    const answer = await federation.run('{ hidden { id title } }');

    expect(answer.data).toEqual({ hidden: null });
    expect(JSON.stringify(answer)).not.toMatch(/Secret|Draft/);
  });

  test('merges an object that is no entity out of both subgraphs', async () => {
    expect(await federation.run('{ profile { name age } }')).toEqual({ data: { profile: { name: 'Ada', age: 36 } } });
  });

  test('keeps what one subgraph gave of such an object when the other fails', async () => {
    federation.subgraph('likes').answerAlways({ kind: 'text', body: 'garbage' });

    const answer = await federation.run('{ profile { name age } }');
    federation.subgraph('likes').answerAlways(undefined);

    expect(answer.data).toEqual({ profile: { name: 'Ada', age: null } });
    expect(answer.errors).toEqual([expect.objectContaining({ path: ['profile', 'age'] })]);
  });
});
