import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startFederation, type Federation } from '../support/federation.js';

const reference = { __resolveReference: (given: object) => given };

// Apollo's planner asks subgraphs for their own external fields here, and the native one ends its process.
describe.each(['tessera', 'auto'] as const)(
  '@requires of what requires something itself (planned by %s)',
  (planner) => {
    let federation: Federation;

    beforeAll(async () => {
      federation = await startFederation(
        {
          shop: {
            typeDefs: `
            type Query { carts: [Cart!]! }
            type Cart @key(fields: "id") {
              id: ID!  net: Int @external  weight: Int @external  fee: Int @requires(fields: "net weight")
            }`,
            resolvers: {
              Query: { carts: () => [{ id: '1' }, { id: '2' }] },
              Cart: {
                ...reference,
                fee: ({ net, weight }: { net: number; weight: number }) => net * weight,
              },
            },
          },
          stock: {
            typeDefs: `
            type Cart @key(fields: "id") {
              id: ID!  net: Int  weight: Int  fee: Int @external  total: Int @requires(fields: "fee")
            }`,
            resolvers: {
              Cart: {
                ...reference,
                net: ({ id }: { id: string }) => Number(id) * 10,
                weight: () => 3,
                total: ({ fee }: { fee: number }) => fee + 1,
              },
            },
          },
        },
        { planner },
      );
    });

    afterAll(() => federation.close());

    test('goes to and fro until everything is there', async () => {
      expect(await federation.run('{ carts { total } }')).toEqual({ data: { carts: [{ total: 31 }, { total: 61 }] } });
    });

    test('gives what is required on the way where it is asked for too', async () => {
      expect(await federation.run('{ carts { total fee net } }')).toEqual({
        data: {
          carts: [
            { total: 31, fee: 30, net: 10 },
            { total: 61, fee: 60, net: 20 },
          ],
        },
      });
    });
  },
);

describe.each(['tessera', 'auto'] as const)(
  '@requires of one field with several arguments (planned by %s)',
  (planner) => {
    let federation: Federation;

    const requiring = (name: string, ...prices: readonly string[]) => ({
      typeDefs: `
      type Thing @key(fields: "id") {
        id: ID!  price(times: Int!): Int @external
        ${prices.map((times) => `${name}${times}: Int @requires(fields: "price(times: ${times})")`).join('\n')}
      }`,
      resolvers: {
        Thing: {
          ...reference,
          ...Object.fromEntries(
            prices.map((times) => [`${name}${times}`, ({ price }: { price: number }) => price] as const),
          ),
        },
      },
    });

    beforeAll(async () => {
      federation = await startFederation(
        {
          shop: {
            typeDefs: `
            type Query { thing: Thing! }
            type Thing @key(fields: "id") { id: ID!  price(times: Int!): Int }`,
            resolvers: {
              Query: { thing: () => ({ id: '1' }) },
              Thing: { ...reference, price: (_: unknown, { times }: { times: number }) => 100 * times },
            },
          },
          tax: requiring('tax', '2', '3'),
          duty: requiring('duty', '1', '4'),
        },
        { planner },
      );
    });

    afterAll(() => federation.close());

    test('sends each of two subgraphs its own', async () => {
      expect(await federation.run('{ thing { tax2 duty1 } }')).toEqual({ data: { thing: { tax2: 200, duty1: 100 } } });
    });

    test('sends one subgraph each of them for its field', async () => {
      expect(await federation.run('{ thing { tax2 tax3 duty4 price(times: 9) } }')).toEqual({
        data: { thing: { tax2: 200, tax3: 300, duty4: 400, price: 900 } },
      });
    });
  },
);
