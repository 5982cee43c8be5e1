import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startFederation, type Federation } from '../support/federation.js';

const media = [
  { __typename: 'Book', id: 'b1', title: 'Dune' },
  { __typename: 'Film', id: 'f1', title: 'Alien' },
  { __typename: 'Draft', id: 'd1', title: null },
];

// Apollo's planner refuses some of these, and the native one leaves keys out.
describe.each(['tessera', 'auto'] as const)('types behind an @interfaceObject (planned by %s)', (planner) => {
  let federation: Federation;

  beforeAll(async () => {
    const find = ({ id }: { id: string }) => media.find((one) => one.id === id) ?? null;
    federation = await startFederation(
      {
        library: {
          typeDefs: `
            type Query { shelf: [Thing!]! }
            interface Media @key(fields: "id") { id: ID!  title: String }
            type Book implements Media @key(fields: "id") { id: ID!  title: String  name: String! }
            type Film implements Media @key(fields: "id") { id: ID!  title: String }
            type Draft implements Media @key(fields: "id") @inaccessible { id: ID!  title: String }
            union Thing = Book | Film | Draft
            interface Secret @key(fields: "id") { id: ID! }
            type Diary implements Secret @key(fields: "id") @inaccessible { id: ID! }`,
          resolvers: {
            Query: { shelf: () => media.slice(0, 2) },
            Media: { __resolveReference: find },
            Book: {
              __resolveReference: find,
              name: () => {
                throw new Error('illegible');
              },
            },
            Film: { __resolveReference: find },
            Draft: { __resolveReference: find },
            Secret: { __resolveReference: ({ id }: { id: string }) => ({ __typename: 'Diary', id }) },
          },
        },
        votes: {
          typeDefs: `
            type Query { best: [Media]  worst: Media  secret: Secret }
            type Secret @key(fields: "id") @interfaceObject { id: ID!  reads: Int }
            type Media @key(fields: "id") @interfaceObject {
              id: ID!  title: String @external  votes: Int!  slogan: String @requires(fields: "title")
            }`,
          resolvers: {
            Query: {
              best: () => [{ id: 'f1' }, { id: 'b1' }],
              worst: () => ({ id: 'd1' }),
              secret: () => ({ id: 's1' }),
            },
            Secret: { __resolveReference: (given: object) => given, reads: () => 3 },
            Media: {
              __resolveReference: (given: object) => given,
              votes: ({ id }: { id: string }) => id.charCodeAt(0),
              slogan: ({ title }: { title: string }) => `${title}!`,
            },
          },
        },
      },
      { planner },
    );
  });

  afterAll(() => federation.close());

  test('have what is required of the interface, below one type alone', async () => {
    expect(await federation.run('{ best { ... on Film { slogan } } shelf { ... on Book { slogan votes } } }')).toEqual({
      data: { best: [{ slogan: 'Alien!' }, {}], shelf: [{ slogan: 'Dune!', votes: 98 }, {}] },
    });
  });

  test('may be hidden', async () => {
    const answer = await federation.run('{ worst { id } best { ... on Book { id } __typename } }');

    expect(answer.data).toEqual({
      worst: null,
      best: [{ __typename: 'Film' }, { id: 'b1', __typename: 'Book' }],
    });
  });

  test('may be hidden all together: there is nothing then, and a reason', async () => {
    for (const source of ['{ secret { reads } }', '{ secret { id } }', '{ secret { __typename } }']) {
      const answer = await federation.run(source);

      expect(answer.data).toEqual({ secret: null });
      expect(answer.errors).toEqual([expect.objectContaining({ path: ['secret'] })]);
    }
  });

  test('tell why they could not be found out', async () => {
    const answer = await federation.run('{ best { ... on Book { name } } }');

    expect(answer.data).toEqual({ best: [{}, null] });
    expect(answer.errors).toEqual([expect.objectContaining({ path: ['best', 1, 'name'] })]);
  });
});
