import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startFederation, type Federation } from '../support/federation.js';

describe.each(['apollo', 'auto'] as const)(
  '@requires where the requiring subgraph refers to the entity (planned by %s)',
  (planner) => {
    let federation: Federation;

    beforeAll(async () => {
      const reference = { __resolveReference: (given: object) => given };
      federation = await startFederation(
        {
          owners: {
            typeDefs: `type Dog @key(fields: "id") { id: ID!  age: Int }`,
            resolvers: { Dog: { ...reference, age: ({ id }: { id: string }) => Number(id) } },
          },
          vets: {
            typeDefs: `
            type Query { patients: [Dog!]!  visit: Visit }
            type Visit { dog: Dog }
            type Dog @key(fields: "id") { id: ID!  age: Int @external  dose: Int @requires(fields: "age") }`,
            resolvers: {
              Query: { patients: () => [{ id: '3' }, { id: '4' }], visit: () => ({ dog: { id: '5' } }) },
              Dog: { ...reference, dose: ({ age }: { age: number }) => age * 10 },
            },
          },
        },
        { planner },
      );
    });

    afterAll(() => federation.close());

    test('goes to the other subgraph and comes back', async () => {
      expect(await federation.run('{ patients { dose } visit { dog { dose id } } }')).toEqual({
        data: { patients: [{ dose: 30 }, { dose: 40 }], visit: { dog: { dose: 50, id: '5' } } },
      });
    });
  },
);

// Apollo's planner asks for the field once, with the arguments of one of the two.
describe.each(['native', 'auto'] as const)('@requires with arguments that conflict (planned by %s)', (planner) => {
  let federation: Federation;

  beforeAll(async () => {
    federation = await startFederation(
      {
        shop: {
          typeDefs: `
            type Query { things: [Thing!]! }
            type Thing @key(fields: "id") { id: ID!  price(currency: String!): Int  weight: Int }`,
          resolvers: {
            Query: { things: () => [{ id: '1', weight: 2 }] },
            Thing: {
              price: (_: unknown, { currency }: { currency: string }) => (currency === 'YEN' ? 15_000 : 100),
            },
          },
        },
        tax: {
          typeDefs: `
            type Thing @key(fields: "id") {
              id: ID!  price(currency: String!): Int @external  weight: Int @external
              toll: Int @requires(fields: "price(currency: \\"YEN\\")")
              duty: Int @requires(fields: "price(currency: \\"EUR\\") weight")
            }`,
          resolvers: {
            Thing: {
              __resolveReference: (given: object) => given,
              toll: ({ price }: { price: number }) => price + 1,
              duty: ({ price, weight }: { price: number; weight: number }) => price + weight,
            },
          },
        },
      },
      { planner },
    );
  });

  afterAll(() => federation.close());

  test('gives each field what it requires', async () => {
    expect(await federation.run('{ things { toll duty price(currency: "CHF") } }')).toEqual({
      data: { things: [{ toll: 15_001, duty: 102, price: 100 }] },
    });
  });
});
