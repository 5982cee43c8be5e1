import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ask, startGatewayOver, type GatewayOver } from '../support/gateway-over.js';
import { startRawSubgraph, type RawSubgraph } from '../support/raw-subgraph.js';

const reference = { __resolveReference: (given: object) => given };
const notFound = { code: 'NOT_FOUND' };

/** The second subgraph answers as a test says, not as the specification does. */
describe('what a subgraph says in an unusual way', () => {
  let odd: RawSubgraph;
  let over: GatewayOver;

  beforeAll(async () => {
    odd = await startRawSubgraph();
    over = await startGatewayOver(
      {
        shop: {
          typeDefs: `type Query { books: [Book!]!  film: Film }
            type Book @key(fields: "id") { id: ID! }
            type Film @key(fields: "id") { id: ID! }`,
          resolvers: {
            Query: { books: () => [{ id: 'b1' }, { id: 'b2' }], film: () => ({ id: 'f1' }) },
            Book: reference,
            Film: reference,
          },
        },
        odd: {
          typeDefs: `type Query { float: Float  int: Int }
            type Book @key(fields: "id") { id: ID!  rating: Float }
            type Film @key(fields: "id") { id: ID!  rating: Float }`,
          resolvers: {},
        },
      },
      { subgraphUrls: new Map([['odd', [odd.url]]]) },
    );
  });

  afterAll(async () => {
    await over.close();
    await odd.close();
  });

  const answerWith = (answer: (query: string) => object): void =>
    odd.behave((response, { body }) => {
      const { query } = JSON.parse(body) as { readonly query: string };
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer(query)));
    });

  test.each([
    ['a field by its name, not its alias', ['float']],
    ['a field that nobody asked for', ['nope', 0]],
    ['the operation', ['query', 'int']],
  ])('is told, where its path names %s', async (_name, path) => {
    answerWith(() => ({ data: { f: null, i: 1 }, errors: [{ message: 'Told', path, extensions: notFound }] }));

    const { data, errors } = await ask(over.url, '{ f: float i: int }');

    expect(data).toEqual({ f: null, i: 1 });
    expect(errors?.map(({ message }) => message)).toEqual(['Told']);
  });

  test.each([[['bad']], [[null]], [{}], ['bad']])('counts as an error, though it is %j', async (errors) => {
    answerWith(() => ({ data: { int: null }, errors }));

    const answer = await ask(over.url, '{ int }');

    expect(answer.data).toEqual({ int: null });
    expect(answer.errors?.map(({ extensions }) => extensions?.['code'])).toEqual(['INTERNAL_SERVER_ERROR']);
  });

  test('of no entities at all is told at each, also at those of the request’s other kinds', async () => {
    answerWith((query) => {
      const [alias = '_entities'] = /(\w+): _entities[^}]*\bFilm\b/.exec(query)?.slice(1) ?? [];
      return { data: null, errors: [{ message: 'No film', path: [alias], extensions: notFound }] };
    });

    const before = odd.requests.length;
    const { data, errors } = await ask(over.url, '{ books { id rating } film { rating } }');

    expect(odd.requests.length - before).toBe(1);
    expect(data).toEqual({
      books: [
        { id: 'b1', rating: null },
        { id: 'b2', rating: null },
      ],
      film: { rating: null },
    });
    expect(errors?.map(({ message, path }) => [message, path?.join('.')]).sort()).toEqual([
      ['No film', 'books.0.rating'],
      ['No film', 'books.1.rating'],
      ['No film', 'film.rating'],
    ]);
  });

  test.each([[1], [3]])('as %i entities, of two, is taken for none of them', async (count) => {
    answerWith(() => ({ data: { _entities: Array.from({ length: count }, () => ({ rating: 4.5 })) } }));

    const { data, errors } = await ask(over.url, '{ books { rating } }');

    expect(data).toEqual({ books: [{ rating: null }, { rating: null }] });
    expect(errors?.map(({ extensions }) => extensions?.['code'])).toEqual([
      'SUBGRAPH_UNAVAILABLE',
      'SUBGRAPH_UNAVAILABLE',
    ]);
  });
});
