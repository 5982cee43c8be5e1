import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { planners, startFederation, type Federation } from '../support/federation.js';

interface Parcel {
  readonly id: string;
  readonly price: number;
  readonly size: { readonly width: number; readonly depth: number };
}

const parcels: readonly Parcel[] = [
  { id: '1', price: 100, size: { width: 2, depth: 3 } },
  { id: '2', price: 200, size: { width: 4, depth: 5 } },
];
const contents = [
  { __typename: 'Letter', pages: 3 },
  { __typename: 'Vase', glass: 'thin', maker: { __typename: 'Guild', seal: 'G' } },
];

/** `depot` knows parcels, `post` computes from what it requires, `customs` from what `post` computes. */
describe.each([...planners, 'auto' as const])('@requires (planned by %s)', (planner) => {
  let federation: Federation;

  beforeAll(async () => {
    const reference = { __resolveReference: (given: object) => given };
    federation = await startFederation(
      {
        depot: {
          typeDefs: `
            type Query { parcels: [Parcel!]! }
            type Parcel @key(fields: "id") {
              id: ID!  price(currency: String = "EUR"): Int  size: Size  tags: [[String!]!]  content: Content  owner: Owner
              grown: Int @requires(fields: "fee")  fee: Int @external
            }
            type Size { width: Int  depth: Int }
            type Owner @key(fields: "id") { id: ID!  rank: Int }
            interface Content { weight: Int }
            type Letter implements Content { weight: Int  pages: Int }
            type Vase implements Content { weight: Int  glass: String  maker: Maker }
            interface Maker { seal: String }
            type Guild implements Maker { seal: String }`,
          resolvers: {
            Query: { parcels: () => parcels },
            Parcel: {
              __resolveReference: ({ id, fee }: { id: string; fee?: number }) => ({
                ...parcels.find((parcel) => parcel.id === id),
                fee,
              }),
              price: ({ price }: Parcel, { currency }: { currency: string }) =>
                currency === 'YEN' ? price * 150 : currency === 'EUR' ? price : null,
              tags: ({ id }: Parcel) => [[`t${id}`], []],
              content: ({ id }: Parcel) => contents[Number(id) - 1],
              owner: ({ id }: Parcel) => ({ id: `o${id}`, rank: Number(id) }),
              grown: ({ fee }: { fee: number }) => fee + 1,
            },
            Owner: { __resolveReference: ({ id }: { id: string }) => ({ id, rank: Number(id.slice(1)) }) },
            Letter: { weight: () => 1 },
            Vase: { weight: () => 9 },
          },
        },
        post: {
          typeDefs: `
            type Query { parcel: Parcel  sent: [Sent!]! }
            type Sent { parcel: Parcel! }
            type Parcel @key(fields: "id") {
              id: ID!
              price(currency: String = "EUR"): Int @external
              size: Size @external
              tags: [[String!]!] @external
              content: Content @external
              owner: Owner @external
              fee: Int @requires(fields: "size { width depth }")
              toll: Int @requires(fields: "price(currency: \\"YEN\\")")
              duty: Int @requires(fields: "price(currency: \\"EUR\\") size { width }")
              label: String @requires(fields: "tags")
              care: String @requires(fields: "content { weight ... on Letter { pages } ... on Vase { glass maker { seal } } }")
              bonus(times: Int! = 1): Int @requires(fields: "owner { rank }")
            }
            type Owner @key(fields: "id") { id: ID!  rank: Int @external }
            type Size { width: Int @external  depth: Int @external }
            interface Content { weight: Int }
            type Letter implements Content { weight: Int @external  pages: Int @external }
            type Vase implements Content { weight: Int @external  glass: String @external  maker: Maker @external }
            interface Maker { seal: String }
            type Guild implements Maker { seal: String @external }`,
          resolvers: {
            Query: { parcel: () => ({ id: '2' }), sent: () => parcels.map(({ id }) => ({ parcel: { id } })) },
            Owner: reference,
            Parcel: {
              ...reference,
              fee: ({ size }: Parcel) => size.width * size.depth,
              toll: ({ price }: Parcel) => price,
              duty: ({ price, size }: Parcel) => price + size.width,
              label: ({ tags }: { tags: string[][] }) => JSON.stringify(tags),
              care: ({ content }: { content: Record<string, unknown> }) =>
                [content['__typename'], content['weight'], content['pages'] ?? content['glass']].join(' ') +
                JSON.stringify((content['maker'] as { seal?: string } | undefined)?.seal ?? null),
              bonus: ({ owner }: { owner: { rank: number } }, { times }: { times: number }) => owner.rank * times,
            },
          },
        },
        customs: {
          typeDefs: `
            type Parcel @key(fields: "id") {
              id: ID!  fee: Int @external  toll: Int @external  stamp: String @requires(fields: "fee toll")
            }`,
          resolvers: {
            Parcel: { ...reference, stamp: ({ fee, toll }: { fee: number; toll: number }) => `${fee}/${toll}` },
          },
        },
      },
      { planner },
    );
  });

  afterAll(() => federation.close());

  test('sends nested fields along', async () => {
    expect(await federation.run('{ parcels { fee } }')).toEqual({ data: { parcels: [{ fee: 6 }, { fee: 20 }] } });
  });

  test('sends lists of lists along', async () => {
    expect(await federation.run('{ parcels { label } }')).toEqual({
      data: { parcels: [{ label: '[["t1"],[]]' }, { label: '[["t2"],[]]' }] },
    });
  });

  test('keeps arguments apart that it and the client give to one field', async () => {
    expect(await federation.run('{ parcels { toll price(currency: "EUR") dollars: price(currency: "USD") } }')).toEqual(
      {
        data: {
          parcels: [
            { toll: 15_000, price: 100, dollars: null },
            { toll: 30_000, price: 200, dollars: null },
          ],
        },
      },
    );
  });

  test('goes through interfaces and fragments', async () => {
    expect(await federation.run('{ parcels { care } }')).toEqual({
      data: { parcels: [{ care: 'Letter 1 3null' }, { care: 'Vase 9 thin"G"' }] },
    });
  });

  test('goes through another entity, with arguments of the field itself', async () => {
    expect(
      await federation.run('query ($times: Int!) { parcels { bonus(times: $times) once: bonus } }', { times: 5 }),
    ).toEqual({
      data: {
        parcels: [
          { bonus: 5, once: 1 },
          { bonus: 10, once: 2 },
        ],
      },
    });
  });

  test('answers chains, also those that come back to where they began', async () => {
    expect(await federation.run('{ parcels { stamp grown } }')).toEqual({
      data: {
        parcels: [
          { stamp: '6/15000', grown: 7 },
          { stamp: '20/30000', grown: 21 },
        ],
      },
    });
  });

  test('shows nothing of what it required, unless the client asks for it', async () => {
    const answer = await federation.run('{ parcels { fee size { depth } } }');

    expect(JSON.stringify(answer)).toBe(
      '{"data":{"parcels":[{"fee":6,"size":{"depth":3}},{"fee":20,"size":{"depth":5}}]}}',
    );
  });

  test('is left out when its field is skipped', async () => {
    const source = 'query ($skip: Boolean!) { parcels { id fee @skip(if: $skip) stamp @include(if: $skip) } }';

    expect(await federation.run(source, { skip: false })).toEqual({
      data: {
        parcels: [
          { id: '1', fee: 6 },
          { id: '2', fee: 20 },
        ],
      },
    });
    expect(await federation.run(source, { skip: true })).toEqual({
      data: {
        parcels: [
          { id: '1', stamp: '6/15000' },
          { id: '2', stamp: '20/30000' },
        ],
      },
    });
  });
});
