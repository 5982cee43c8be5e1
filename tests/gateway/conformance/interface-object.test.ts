import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { planners, startFederation, type Federation } from '../support/federation.js';

const media = [
  { __typename: 'Book', id: 'b1', title: 'Dune', pages: 412 },
  { __typename: 'Film', id: 'f1', title: 'Alien', minutes: 117 },
];

/** `library` knows which media there are; `votes` and `notes` know them as objects, `votes` by what they require. */
describe.each([...planners, 'auto' as const])('@interfaceObject (planned by %s)', (planner) => {
  let federation: Federation;

  beforeAll(async () => {
    const find = ({ id }: { id: string }) => media.find((one) => one.id === id) ?? null;
    const reference = { __resolveReference: (given: object) => given };
    federation = await startFederation(
      {
        library: {
          typeDefs: `
            type Query { media: [Media!]!  book: Book  shelf: [Shelved] }
            interface Shelved { title: String }
            interface Media implements Shelved @key(fields: "id") { id: ID!  title: String }
            type Book implements Media & Shelved @key(fields: "id") { id: ID!  title: String  pages: Int }
            type Film implements Media & Shelved @key(fields: "id") { id: ID!  title: String  minutes: Int }`,
          resolvers: {
            Query: { media: () => media, book: () => media[0], shelf: () => media },
            Media: { __resolveReference: find },
            Book: { __resolveReference: find },
            Film: { __resolveReference: find },
          },
        },
        votes: {
          typeDefs: `
            type Query { best: [Media]  rated: Rated }
            type Rated { media: Media  stars: Int }
            type Media @key(fields: "id") @interfaceObject {
              id: ID!  title: String @external  votes: Int!  slogan: String @requires(fields: "title")
            }`,
          resolvers: {
            Query: {
              best: () => [{ id: 'f1' }, { id: 'lost' }, { id: 'b1' }],
              rated: () => ({ media: { id: 'b1' }, stars: 5 }),
            },
            Media: {
              ...reference,
              votes: ({ id }: { id: string }) => id.charCodeAt(0),
              slogan: ({ title }: { title: string }) => `${title}!`,
            },
          },
        },
        notes: {
          typeDefs: `
            type Query { noted: Media }
            type Media @key(fields: "id") @interfaceObject { id: ID!  notes: [Note!]! }
            type Note { text: String  about: Media }`,
          resolvers: {
            Query: { noted: () => ({ id: 'b1' }) },
            Media: { ...reference, notes: ({ id }: { id: string }) => [{ text: `On ${id}`, about: { id: 'f1' } }] },
          },
        },
      },
      { planner },
    );
  });

  afterAll(() => federation.close());

  test('adds fields to every implementation', async () => {
    expect(await federation.run('{ media { id votes } book { votes notes { text } } }')).toEqual({
      data: {
        media: [
          { id: 'b1', votes: 98 },
          { id: 'f1', votes: 102 },
        ],
        book: { votes: 98, notes: [{ text: 'On b1' }] },
      },
    });
  });

  test('finds out the type where the operation depends on it', async () => {
    expect(
      await federation.run(
        '{ rated { stars media { __typename votes ... on Book { pages } ... on Film { minutes } } } }',
      ),
    ).toEqual({
      data: { rated: { stars: 5, media: { __typename: 'Book', votes: 98, pages: 412 } } },
    });
  });

  test('needs no type where the operation does not depend on it', async () => {
    federation.subgraph('library').forgetRequests();

    expect(await federation.run('{ rated { media { id votes notes { text } } } }')).toEqual({
      data: { rated: { media: { id: 'b1', votes: 98, notes: [{ text: 'On b1' }] } } },
    });
    expect(federation.subgraph('library').requests).toHaveLength(0);
  });

  test('requires fields of the interface', async () => {
    expect(await federation.run('{ media { slogan } rated { media { slogan } } noted { slogan } }')).toEqual({
      data: {
        media: [{ slogan: 'Dune!' }, { slogan: 'Alien!' }],
        rated: { media: { slogan: 'Dune!' } },
        noted: { slogan: 'Dune!' },
      },
    });
  });

  test('leads from one such object to fields that another subgraph adds', async () => {
    expect(await federation.run('{ noted { notes { about { votes __typename title } } } }')).toEqual({
      data: { noted: { notes: [{ about: { votes: 102, __typename: 'Film', title: 'Alien' } }] } },
    });
  });

  test('is null where nobody knows its type', async () => {
    const answer = await federation.run('{ best { id __typename ... on Film { minutes } } }');

    expect(answer.data).toEqual({
      best: [{ id: 'f1', __typename: 'Film', minutes: 117 }, null, { id: 'b1', __typename: 'Book' }],
    });
  });

  test('adds fields behind another interface and in fragments on it', async () => {
    expect(
      await federation.run('{ shelf { title ... on Media { votes } ... on Book { pages notes { text } } } }'),
    ).toEqual({
      data: {
        shelf: [
          { title: 'Dune', votes: 98, pages: 412, notes: [{ text: 'On b1' }] },
          { title: 'Alien', votes: 102 },
        ],
      },
    });
  });
});

describe.each([...planners, 'auto' as const])(
  'an @interfaceObject that is not resolvable (planned by %s)',
  (planner) => {
    let federation: Federation;

    beforeAll(async () => {
      federation = await startFederation(
        {
          products: {
            typeDefs: `
            type Query { products: [Product] }
            interface Product @key(fields: "id") { id: ID!  name: String }
            type Bread implements Product @key(fields: "id") { id: ID!  name: String  grain: String }`,
            resolvers: {
              Query: { products: () => [{ __typename: 'Bread', id: '1' }] },
              Product: { __resolveReference: ({ id }: { id: string }) => ({ __typename: 'Bread', id }) },
              Bread: {
                __resolveReference: ({ id }: { id: string }) => ({ id }),
                name: ({ id }: { id: string }) => `Bread ${id}`,
                grain: () => 'rye',
              },
            },
          },
          orders: {
            typeDefs: `
            type Query { order: Order }
            type Order { number: Int  product: Product }
            type Product @key(fields: "id", resolvable: false) @interfaceObject { id: ID! }`,
            resolvers: { Query: { order: () => ({ number: 4, product: { id: '9' } }) } },
          },
        },
        { planner },
      );
    });

    afterAll(() => federation.close());

    test('leads to the subgraph that knows the interface', async () => {
      expect(
        await federation.run('{ order { number product { id name __typename ... on Bread { grain } } } }'),
      ).toEqual({
        data: { order: { number: 4, product: { id: '9', name: 'Bread 9', __typename: 'Bread', grain: 'rye' } } },
      });
    });
  },
);
