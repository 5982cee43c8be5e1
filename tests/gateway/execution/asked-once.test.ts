import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { GraphQLError } from 'graphql';
import { planners, startFederation, type Federation } from '../support/federation.js';

const product = (id: string) => ({ __typename: 'Product', id });

/** What reviews are about: of two lists, one product in both. */
const reviewsOf: Readonly<Record<string, readonly string[]>> = {
  first: ['a', 'b'],
  second: ['b', 'c'],
  last: ['c', 'lost'],
};

describe.each(planners)('in one request (planned by %s)', (planner) => {
  let federation: Federation;
  let sold = 0;

  beforeAll(async () => {
    federation = await startFederation(
      {
        reviews: {
          typeDefs: `
            type Query { reviews(of: String!): [Review!]! }
            type Mutation { sell: Review! }
            type Review { product: Product  next: [Review!]! }
            type Product @key(fields: "id") { id: ID!  reviews: [Review!]! }`,
          resolvers: {
            Query: { reviews: (_: unknown, { of }: { of: string }) => (reviewsOf[of] ?? []).map((id) => ({ id, of })) },
            Mutation: { sell: () => ({ id: `sold ${(sold += 1)}` }) },
            Review: {
              product: ({ id }: { id: string }) => product(id.startsWith('sold') ? 'a' : id),
              next: ({ of }: { of: string }) => (of === 'first' ? [{ id: 'b', of: 'none' }] : []),
            },
            Product: { reviews: ({ id }: { id: string }) => [{ id, of: 'first' }] },
          },
        },
        products: {
          typeDefs: `
            type Query { featured: [Product!]! }
            type Product @key(fields: "id") { id: ID!  name: String  maker: Maker  sold: Int }
            type Maker { name: String! }`,
          resolvers: {
            Query: { featured: () => [product('a'), product('d')] },
            Product: {
              __resolveReference: async ({ id }: { id: string }) => {
                if (id === 'lost') throw new GraphQLError('It is lost', { extensions: { code: 'NOT_FOUND' } });
                return Promise.resolve(product(id));
              },
              name: ({ id }: { id: string }) => id.toUpperCase(),
              maker: ({ id }: { id: string }) => ({ name: `maker of ${id}` }),
              sold: () => sold,
            },
          },
        },
      },
      { planner },
    );
  });

  afterEach(() => federation.subgraph('products').forgetRequests());
  afterAll(() => federation.close());

  const askedFor = (): string[] =>
    federation
      .subgraph('products')
      .requests.flatMap(({ variables }) => Object.values(variables).flat() as { id: string }[])
      .map(({ id }) => id)
      .toSorted();

  test('a subgraph is asked for an entity once, in however many places it stands', async () => {
    const { data, errors } = await federation.run(`{
      first: reviews(of: "first") { product { name maker { name } } next { product { name maker { name } } } }
      second: reviews(of: "second") { next { product { name } } product { name maker { name } } }
    }`);

    const whole = (id: string) => ({ product: { name: id.toUpperCase(), maker: { name: `maker of ${id}` } } });
    expect(errors).toBeUndefined();
    expect(data).toEqual({
      first: ['a', 'b'].map((id) => ({ ...whole(id), next: [whole('b')] })),
      second: ['b', 'c'].map((id) => ({ next: [], ...whole(id) })),
    });
    expect(askedFor()).toEqual(['a', 'b', 'c']);
  });

  test('nor is it asked again for what stands deeper', async () => {
    const { data, errors } = await federation.run(`{
      reviews(of: "first") { product { maker { name } } }
      featured { reviews { product { maker { name } } } }
    }`);

    const review = (id: string) => ({ product: { maker: { name: `maker of ${id}` } } });
    expect(errors).toBeUndefined();
    expect(data).toEqual({
      reviews: [review('a'), review('b')],
      featured: [{ reviews: [review('a')] }, { reviews: [review('d')] }],
    });
    expect(askedFor()).toEqual(['a', 'b', 'd']);
  });

  test('what is found below itself has an end', async () => {
    const { data, errors } = await federation.run(`{
      reviews(of: "first") { product { maker { name } reviews { product { maker { name } reviews { product { name } } } } } }
    }`);

    const below = (id: string) => ({
      maker: { name: `maker of ${id}` },
      reviews: [{ product: { name: id.toUpperCase() } }],
    });
    expect(errors).toBeUndefined();
    expect(data).toEqual({
      reviews: ['a', 'b'].map((id) => ({
        product: { maker: { name: `maker of ${id}` }, reviews: [{ product: below(id) }] },
      })),
    });
  });

  test('what fails is told in each of its places', async () => {
    const { data, errors } = await federation.run(`{
      one: reviews(of: "last") { product { name } }
      other: reviews(of: "last") { product { name } next { product { name } } }
    }`);

    const names = [{ product: { name: 'C' } }, { product: { name: null } }];
    expect(data).toEqual({ one: names, other: names.map((review) => ({ ...review, next: [] })) });
    expect(errors?.map(({ path, extensions }) => [path?.join('.'), extensions?.['code']])).toEqual([
      ['one.1.product.name', 'NOT_FOUND'],
      ['other.1.product.name', 'NOT_FOUND'],
    ]);
  });

  test('what a mutation has changed is asked for again', async () => {
    const { data } = await federation.run('mutation { one: sell { product { sold } } two: sell { product { sold } } }');

    expect(data).toEqual({ one: { product: { sold: sold - 1 } }, two: { product: { sold } } });
    expect(askedFor()).toEqual(['a', 'a']);
  });

  test('subgraphs are told which operation asks, and an entity of two fetches is asked for once even so', async () => {
    const { errors } = await federation.run(`query Shelf {
      first: reviews(of: "first") { product { name maker { name } } next { product { name maker { name } } } }
    }`);

    expect(errors).toBeUndefined();
    const names = federation.subgraph('products').requests.map(({ query }) => /^query (\w+)/.exec(query)?.[1]);
    expect(names[0]).toMatch(/^Shelf__products__\d$/);
    expect(askedFor()).toEqual(['a', 'b']);
  });
});
