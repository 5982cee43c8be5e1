import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { planners, startFederation, type Federation } from '../support/federation.js';

interface Block {
  readonly __typename: string;
  readonly id: string;
}

const block = (__typename: string, id: string): Block => ({ __typename, id });
const page = [block('Hero', '1'), block('Quote', '2'), block('Card', '3'), block('Video', '4'), block('Poll', '5')];
const ratingOf = ({ id }: { readonly id: string }, { scale = 1 }: { readonly scale?: number }): number =>
  Number(id) * scale;

/**
 * Types of one interface that may be planned together, and others that may not: a card's children are cards, a video's
 * rating requires something, and a poll has another key.
 */
describe.each([...planners, 'auto' as const])('types of an interface that are alike (planned by %s)', (planner) => {
  let federation: Federation;

  beforeAll(async () => {
    const reference = { __resolveReference: (given: { readonly id: string }) => given };
    const children = ({ id }: Block): Block[] => (Number(id) < 5 ? [page[Number(id)] ?? block('Poll', '5')] : []);
    const shopTypes = { ...reference, children };
    const rated = { ...reference, rating: ratingOf, author: ({ id }: Block) => ({ id: `a${id}` }) };
    federation = await startFederation(
      {
        shop: {
          typeDefs: `type Query { page: [Block!]!  pinned: [Pin!]!  one(id: ID!): Block }
            union Pin = Hero | Quote | Card | Video | Poll
            interface Block { id: ID!  children: [Block!]! }
            type Hero implements Block @key(fields: "id") { id: ID!  children: [Block!]!  size: Int }
            type Quote implements Block @key(fields: "id") { id: ID!  children: [Block!]!  size: Int }
            type Card implements Block @key(fields: "id") { id: ID!  children: [Card!]! }
            type Video implements Block @key(fields: "id") { id: ID!  children: [Block!]!  seconds: Int }
            type Poll implements Block @key(fields: "number") { id: ID!  number: Int!  children: [Block!]! }`,
          resolvers: {
            Query: {
              page: () => page,
              pinned: () => page.toReversed(),
              one: (_: unknown, { id }: { readonly id: string }) => page[Number(id) - 1],
            },
            Hero: { ...shopTypes, size: () => 7 },
            Quote: { ...shopTypes, size: () => null },
            Card: { ...reference, children: ({ id }: Block) => [block('Card', `${id}1`)] },
            Video: { ...shopTypes, seconds: () => 30 },
            Poll: { ...shopTypes, number: ({ id }: Block) => Number(id) },
          },
        },
        reviews: {
          typeDefs: `interface Block { rating(scale: Int): Int  author: Author }
            type Author @key(fields: "id") { id: ID! }
            type Hero implements Block @key(fields: "id") { id: ID!  rating(scale: Int): Int  author: Author }
            type Quote implements Block @key(fields: "id") { id: ID!  rating(scale: Int): Int  author: Author }
            type Card implements Block @key(fields: "id") { id: ID!  rating(scale: Int): Int  author: Author }
            type Video implements Block @key(fields: "id") {
              id: ID!  seconds: Int @external  rating(scale: Int): Int @requires(fields: "seconds")  author: Author
            }
            type Poll implements Block @key(fields: "number") { number: Int!  rating(scale: Int): Int  author: Author }`,
          resolvers: {
            Hero: rated,
            Quote: rated,
            Card: rated,
            Video: { ...rated, rating: ({ seconds }: { readonly seconds: number }) => seconds },
            Poll: {
              ...reference,
              rating: ({ number }: { readonly number: number }) => -number,
              author: ({ number }: { readonly number: number }) => ({ id: `p${number}` }),
            },
          },
        },
        people: {
          typeDefs: `type Author @key(fields: "id") { id: ID!  name: String }`,
          resolvers: { Author: { ...reference, name: ({ id }: { readonly id: string }) => `Author ${id}` } },
        },
      },
      { planner },
    );
  });

  afterAll(() => federation.close());

  test('have fields of every subgraph, whichever they are', async () => {
    const answer = await federation.run('{ page { __typename id rating author { name } } }');

    expect(answer).toEqual({
      data: {
        page: [
          { __typename: 'Hero', id: '1', rating: 1, author: { name: 'Author a1' } },
          { __typename: 'Quote', id: '2', rating: 2, author: { name: 'Author a2' } },
          { __typename: 'Card', id: '3', rating: 3, author: { name: 'Author a3' } },
          { __typename: 'Video', id: '4', rating: 30, author: { name: 'Author a4' } },
          { __typename: 'Poll', id: '5', rating: -5, author: { name: 'Author p5' } },
        ],
      },
    });
  });

  test('have them below each other', async () => {
    const answer = await federation.run(
      '{ page { rating children { id rating children { __typename rating(scale: 10) } } } }',
    );

    expect(answer).toEqual({
      data: {
        page: [
          { rating: 1, children: [{ id: '2', rating: 2, children: [{ __typename: 'Card', rating: 30 }] }] },
          { rating: 2, children: [{ id: '3', rating: 3, children: [{ __typename: 'Card', rating: 310 }] }] },
          { rating: 3, children: [{ id: '31', rating: 31, children: [{ __typename: 'Card', rating: 3110 }] }] },
          { rating: 30, children: [{ id: '5', rating: -5, children: [] }] },
          { rating: -5, children: [] },
        ],
      },
    });
  });

  test('are told apart where something is asked of one of them', async () => {
    const answer = await federation.run(
      `query ($scale: Int) {
      page { id ... on Quote { rating(scale: $scale) author { id } } ... on Hero { size } ...Moving }
    } fragment Moving on Video { rating size: seconds }`,
      { scale: 100 },
    );

    expect(answer).toEqual({
      data: {
        page: [
          { id: '1', size: 7 },
          { id: '2', rating: 200, author: { id: 'a2' } },
          { id: '3' },
          { id: '4', rating: 30, size: 30 },
          { id: '5' },
        ],
      },
    });
  });

  test('are found in a union as well', async () => {
    const answer = await federation.run(`{
      pinned { ... on Block { rating children { id author { name } } } ... on Hero { size } ... on Quote { size } }
    }`);

    expect(answer).toEqual({
      data: {
        pinned: [
          { rating: -5, children: [] },
          { rating: 30, children: [{ id: '5', author: { name: 'Author p5' } }] },
          { rating: 3, children: [{ id: '31', author: { name: 'Author a31' } }] },
          { rating: 2, children: [{ id: '3', author: { name: 'Author a3' } }], size: null },
          { rating: 1, children: [{ id: '2', author: { name: 'Author a2' } }], size: 7 },
        ],
      },
    });
  });

  test('are asked with the arguments of each request', async () => {
    const source = 'query ($id: ID!, $scale: Int) { one(id: $id) { rating(scale: $scale) } }';

    expect(await federation.run(source, { id: '2', scale: 5 })).toEqual({ data: { one: { rating: 10 } } });
    expect(await federation.run(source, { id: '4', scale: 5 })).toEqual({ data: { one: { rating: 30 } } });
    expect(await federation.run(source, { id: '9' })).toEqual({ data: { one: null } });
  });
});
