import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { startLibrary, type Library, type LibraryGateway } from './library.js';

let library: Library;
let gateway: LibraryGateway;
beforeAll(async () => {
  library = await startLibrary();
  gateway = await library.open({ ANSWER_CACHE: 'off', ENTITY_CACHE: 'private', FORWARD_HEADERS: 'x-region' });
});
afterAll(() => library.close());
beforeEach(() => gateway.gateway.invalidate({ everything: true }));
afterEach(() => {
  library.reviews.headers = {};
  library.data.ratings['1'] = 4.5;
});

const allBooks = [
  { id: '1', rating: 4.5 },
  { id: '2', rating: 4 },
  { id: '3', rating: 3.5 },
];

test('entities that were asked for in one operation are there for another', async () => {
  const before = library.reviews.requests();

  const all = await gateway.ask('{ books { id rating } }');
  const one = await gateway.ask('{ book(id: "2") { title rating } }');

  expect(all.data).toEqual({ books: allBooks });
  expect(one.data).toEqual({ book: { title: 'Emma', rating: 4 } });
  expect(library.reviews.requests()).toBe(before + 1);
});

test('only what is missing is asked for, and everything is answered in its place', async () => {
  await gateway.ask('{ book(id: "2") { rating } }');
  const [hits, misses] = [
    await gateway.metric('cache_hits_total', 'cache="entities"'),
    await gateway.metric('cache_misses_total', 'cache="entities"'),
  ];

  const { data } = await gateway.ask('{ books { id rating } }');

  expect(data).toEqual({ books: allBooks });
  expect(await gateway.metric('cache_hits_total', 'cache="entities"')).toBe(hits + 1);
  expect(await gateway.metric('cache_misses_total', 'cache="entities"')).toBe(misses + 2);
});

test('private fields of an entity are kept for each caller alone', async () => {
  const [ada, bob] = [randomUUID(), randomUUID()];
  const query = '{ book(id: "1") { ownNote } }';
  for (const sub of [ada, bob]) {
    const token = await library.signIn({ sub });
    const before = library.reviews.requests();

    for (let times = 0; times < 2; times += 1) {
      expect((await gateway.ask(query, { token })).data).toEqual({ book: { ownNote: `Note of ${sub}/- on 1` } });
    }
    expect(library.reviews.requests()).toBe(before + 1);
  }
});

test('another selection, and other headers, are other entities', async () => {
  await gateway.ask('{ book(id: "1") { rating } }');
  const before = library.reviews.requests();

  await gateway.ask('{ book(id: "1") { stars: rating } }');
  await gateway.ask('{ book(id: "1") { rating } }', { headers: { 'x-region': 'eu' } });
  expect(library.reviews.requests()).toBe(before + 2);

  await gateway.ask('{ book(id: "1") { rating } }');
  expect(library.reviews.requests()).toBe(before + 2);
});

test('an entity that has changed is asked for again, the others are not', async () => {
  await gateway.ask('{ books { id rating } }');
  const misses = await gateway.metric('cache_misses_total', 'cache="entities"');
  library.data.ratings['1'] = 1;

  await gateway.gateway.invalidate({ entities: [{ type: 'Book', key: { id: '1' } }] });

  const { data } = await gateway.ask('{ books { id rating } }');
  expect(data).toEqual({ books: [{ id: '1', rating: 1 }, allBooks[1], allBooks[2]] });
  expect(await gateway.metric('cache_misses_total', 'cache="entities"')).toBe(misses + 1);
});

test('an entity that was read before an invalidation is not kept after it', async () => {
  const held = library.reviews.holdNext();
  const stale = gateway.ask('{ book(id: "1") { rating } }');
  await held.hasRead;
  library.data.ratings['1'] = 1;
  await gateway.gateway.invalidate({ types: ['Book'] });
  held.release();
  expect((await stale).data).toEqual({ book: { rating: 4.5 } });

  expect((await gateway.ask('{ book(id: "1") { rating } }')).data).toEqual({ book: { rating: 1 } });
});

test('answers with errors are not kept, and errors stand in their places beside what was kept', async () => {
  await gateway.ask('{ book(id: "1") { failing } }');
  library.reviews.headers = { 'cache-control': 'public, max-age=30' };
  await gateway.ask('{ book(id: "1") { failing } }');
  const requests = library.reviews.requests();

  for (const time of [1, 2]) {
    const { data, errors } = await gateway.ask('{ books { id failing } }');

    expect(data).toEqual({
      books: [
        { id: '1', failing: 'fine' },
        { id: '2', failing: null },
        { id: '3', failing: 'fine' },
      ],
    });
    expect(errors?.map(({ path }) => path)).toEqual([['books', 1, 'failing']]);
    expect(library.reviews.requests()).toBe(requests + time);
  }
});

test('a subgraph that is away costs only what is not kept', async () => {
  const alone = await startLibrary();
  const other = await alone.open({ ANSWER_CACHE: 'off', ENTITY_CACHE: 'public' });
  await other.ask('{ book(id: "2") { rating } }');
  await alone.reviews.close();

  const { data, errors } = await other.ask('{ books { id rating } }');

  expect(data).toEqual({
    books: [
      { id: '1', rating: null },
      { id: '2', rating: 4 },
      { id: '3', rating: null },
    ],
  });
  expect(errors?.map(({ path }) => path)).toEqual([
    ['books', 0, 'rating'],
    ['books', 2, 'rating'],
  ]);
  await alone.close().catch(() => undefined);
});

test('a mutation reads entities anew', async () => {
  await gateway.ask('{ book(id: "1") { rating } }');
  library.data.ratings['1'] = 2;

  const { data } = await gateway.ask('mutation { renameBook(id: "1", title: "Dune") { rating } }');

  expect(data).toEqual({ renameBook: { rating: 2 } });
});

test('an answer made of kept entities is as old as they are', async () => {
  const both = await library.open({ ENTITY_CACHE: 'public' });
  library.reviews.headers = { 'cache-control': 'public, max-age=25' };
  await both.ask('{ book(id: "1") { rating } }');
  library.reviews.headers = {};

  const { headers } = await both.ask('{ books { rating } }');
  expect(headers.get('cache-control')).toMatch(/^public, max-age=2[0-5]$/);

  await both.gateway.invalidate({ entities: [{ type: 'Book', key: { id: '1' } }] });
  expect((await both.ask('{ books { rating } }')).origin).toBe('miss');
});
