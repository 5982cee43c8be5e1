import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { planners, startFederation, type Federation } from '../support/federation.js';

/** A counter that `writer` changes and `reader` reads by keys, so that every answer shows when it was made. */
describe.each([...planners, 'auto' as const])('mutations with keys (planned by %s)', (planner) => {
  let federation: Federation;

  beforeEach(async () => {
    let count = 0;
    const reference = { __resolveReference: (given: object) => given };
    federation = await startFederation(
      {
        writer: {
          typeDefs: `
            type Query { count: Int }
            type Mutation { add(by: Int!): Counter!  addAll(by: [Int!]!): [Counter!]!  create(input: CreateInput!): Counter }
            input CreateInput { name: String!  start: Int = 5 }
            type Counter @key(fields: "id") @key(fields: "name zone { code }") { id: ID!  name: String!  zone: Zone!  value: Int! }
            type Zone { code: String! @shareable }`,
          resolvers: {
            Mutation: {
              add: (_: unknown, { by }: { by: number }) => ({
                id: `c${by}`,
                name: 'n',
                zone: { code: 'z' },
                value: (count += by),
              }),
              addAll: (_: unknown, { by }: { by: number[] }) =>
                by.map((step) => ({ id: `c${step}`, name: 'n', zone: { code: 'z' }, value: (count += step) })),
              create: (_: unknown, { input }: { input: { name: string; start: number } }) => ({
                id: 'new',
                name: input.name,
                zone: { code: 'z' },
                value: (count = input.start),
              }),
            },
            Counter: reference,
          },
        },
        reader: {
          typeDefs: `
            type Mutation { reset: Int }
            type Counter @key(fields: "name zone { code }") {
              name: String!  zone: Zone!  seen: Int  value: Int! @external  double: Int @requires(fields: "value")
            }
            type Zone { code: String! @shareable }`,
          resolvers: {
            Mutation: { reset: () => (count = 0) },
            Counter: { ...reference, seen: () => count, double: ({ value }: { value: number }) => value * 2 },
          },
        },
      },
      { planner },
    );
  });

  afterEach(() => federation.close());

  test('run in their order, each with what belongs to it', async () => {
    const answer = await federation.run(`mutation {
      one: add(by: 1) { value seen }
      ten: add(by: 10) { seen value double }
      reset
      five: add(by: 5) { seen }
    }`);

    expect(answer).toEqual({
      data: {
        one: { value: 1, seen: 1 },
        ten: { seen: 11, value: 11, double: 22 },
        reset: 0,
        five: { seen: 5 },
      },
    });
  });

  test('answer lists of entities and inputs with defaults', async () => {
    const source =
      'mutation ($input: CreateInput!) { create(input: $input) { name seen } addAll(by: [1, 2]) { id double } }';

    expect(await federation.run(source, { input: { name: 'x' } })).toEqual({
      data: {
        create: { name: 'x', seen: 5 },
        addAll: [
          { id: 'c1', double: 12 },
          { id: 'c2', double: 16 },
        ],
      },
    });
  });
});
