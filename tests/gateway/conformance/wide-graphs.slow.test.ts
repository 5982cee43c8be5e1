import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startFederation, type Federation } from '../support/federation.js';

const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

/** An interface with many implementations, of which another subgraph knows more. */
describe('an interface with eighty implementations', () => {
  const typeNames = range(80).map((index) => `Kind${index}`);
  let federation: Federation;

  beforeAll(async () => {
    const things = typeNames.map((__typename, index) => ({ __typename, id: String(index) }));
    const related = ({ id }: { readonly id: string }) => [things[(Number(id) + 1) % things.length]];
    const reference = { __resolveReference: ({ id }: { readonly id: string }) => ({ id }) };
    federation = await startFederation(
      {
        shop: {
          typeDefs: `type Query { things: [Thing!]! }
            interface Thing { id: ID!  related: [Thing!]! }
            ${typeNames.map((name) => `type ${name} implements Thing @key(fields: "id") { id: ID!  related: [Thing!]! }`).join('\n')}`,
          resolvers: {
            Query: { things: () => things.slice(0, 3) },
            ...Object.fromEntries(typeNames.map((name) => [name, { ...reference, related }])),
          },
        },
        reviews: {
          typeDefs: `interface Thing { id: ID!  rating: Int }
            ${typeNames.map((name) => `type ${name} implements Thing @key(fields: "id") { id: ID!  rating: Int }`).join('\n')}`,
          resolvers: Object.fromEntries(
            typeNames.map((name) => [name, { ...reference, rating: ({ id }: { readonly id: string }) => Number(id) }]),
          ),
        },
      },
      { planner: 'auto' },
    );
  });

  afterAll(() => federation.close());

  test('has fields of either subgraph in each of its types', async () => {
    const answer = await federation.run('{ things { rating related { id } } }');

    expect(answer).toEqual({
      data: { things: [0, 1, 2].map((index) => ({ rating: index, related: [{ id: String(index + 1) }] })) },
    });
  }, 60_000);

  test('has them in levels below each other', async () => {
    const answer = await federation.run(
      '{ things { rating related { rating related { id rating ... on Kind4 { related { rating } } } } } }',
    );

    const last = (index: number) => ({
      id: String(index),
      rating: index,
      ...(index === 4 && { related: [{ rating: 5 }] }),
    });
    expect(answer).toEqual({
      data: {
        things: [0, 1, 2].map((index) => ({
          rating: index,
          related: [{ rating: index + 1, related: [last(index + 2)] }],
        })),
      },
    });
  });
});

/** The ways to answer an operation are as many as there are subgraphs, to the power of its depth. */
describe('six layers of values that six subgraphs share', () => {
  const layers = 6;
  let federation: Federation;

  beforeAll(async () => {
    const value = (depth: number): object => (depth === layers ? { leaf: 'l' } : { leaf: 'l', next: value(depth + 1) });
    const subgraphs = range(6).map((index) => {
      const types = range(layers).map(
        (depth) => `type Layer${depth} { leaf: String @shareable  next: Layer${depth + 1} @shareable }`,
      );
      const last = `type Layer${layers} { leaf: String @shareable  own${index}: Int }`;
      const typeDefs = `type Query { top: Layer0 @shareable } ${types.join('\n')} ${last}`;
      const resolvers = { Query: { top: () => value(0) }, [`Layer${layers}`]: { [`own${index}`]: () => index } };
      return [`subgraph${index}`, { typeDefs, resolvers }] as const;
    });
    federation = await startFederation(Object.fromEntries(subgraphs), { planner: 'auto' });
  });

  afterAll(() => federation.close());

  test('are answered out of all of them', async () => {
    const own = range(6).map((index) => `own${index}`);
    const nested = (depth: number): string =>
      depth === layers ? `{ leaf ${own.join(' ')} }` : `{ leaf next ${nested(depth + 1)} }`;

    const answer = await federation.run(`{ top ${nested(0)} }`);

    const leaf = { leaf: 'l', ...Object.fromEntries(own.map((name, index) => [name, index])) };
    const top = range(layers).reduce<object>((next) => ({ leaf: 'l', next }), leaf);
    expect(answer).toEqual({ data: { top } });
  }, 60_000);
});
