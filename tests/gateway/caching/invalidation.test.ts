import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { createDomainEvent, createInProcessEventBus } from '@tessera/service/events';
import { eventually } from '../../support/eventually.js';
import { quietLogger } from '../../support/leftovers.js';
import { invalidationSecret, startLibrary, type AskOptions, type Library, type LibraryGateway } from './library.js';

const eventBus = createInProcessEventBus({ logger: quietLogger() });
let library: Library;
let gateway: LibraryGateway;
beforeAll(async () => {
  library = await startLibrary((sdl) =>
    // As composition carries it for subgraphs that use it.
    sdl
      .replace(
        'books(genre: String): [Book!]!',
        'books(genre: String): [Book!]! @join__directive(graphs: [CATALOG], name: "federation__cacheTag", args: {format: "genre-{$args.genre}"})',
      )
      .replace(
        /type Book\n/,
        'type Book\n  @join__directive(graphs: [CATALOG], name: "federation__cacheTag", args: {format: "book-{$key.id}"})\n',
      ),
  );
  gateway = await library.open(
    { CACHE_INVALIDATION_EVENTS: 'book.renamed=Book.id:bookId, stock.counted=Book, week.begun=#weekly' },
    { eventBus },
  );
});
afterAll(() => library.close());
beforeEach(() => gateway.gateway.invalidate({ everything: true }));
afterEach(() => {
  library.catalog.headers = {};
});

const byId = (id: string) => `{ book(id: "${id}") { id title } }`;
const originOf = async (query: string, options?: AskOptions) => (await gateway.ask(query, options)).origin;

async function keep(...queries: string[]): Promise<void> {
  for (const query of queries) await gateway.ask(query);
  for (const query of queries) expect(await originOf(query)).toBe('hit');
}

test('an entity that has changed takes with it what told about it, and nothing else', async () => {
  await keep(byId('1'), byId('2'), '{ books { id } }');

  await gateway.gateway.invalidate({ entities: [{ type: 'Book', key: { id: '1' } }] });

  expect(await originOf(byId('1'))).toBe('miss');
  expect(await originOf(byId('2'))).toBe('hit');
  expect(await originOf('{ books { id } }')).toBe('miss');
});

test('a key is the same as a number and as a text', async () => {
  await keep(byId('1'));

  await gateway.gateway.invalidate({ entities: [{ type: 'Book', key: { id: 1 } }] });

  expect(await originOf(byId('1'))).toBe('miss');
});

test('what told about an entity without saying which goes with each of them', async () => {
  await keep('{ unnamedBook { title } }', '{ shelf { label } }');

  await gateway.gateway.invalidate({ entities: [{ type: 'Book', key: { id: '3' } }] });

  expect(await originOf('{ unnamedBook { title } }')).toBe('miss');
  expect(await originOf('{ shelf { label } }')).toBe('hit');
});

test('a type takes with it every answer that could have told about it, an empty list too', async () => {
  await keep('{ books(genre: "none") { id } }', '{ book(id: "absent") { id } }', '{ shelf { label } }');

  await gateway.gateway.invalidate({ types: ['Book'] });

  expect(await originOf('{ books(genre: "none") { id } }')).toBe('miss');
  expect(await originOf('{ book(id: "absent") { id } }')).toBe('miss');
  expect(await originOf('{ shelf { label } }')).toBe('hit');
});

test('names that subgraphs gave in headers invalidate', async () => {
  library.catalog.headers = { 'cache-tag': 'weekly, front page' };
  await keep(byId('1'));
  library.catalog.headers = { 'surrogate-key': 'daily monthly' };
  await keep(byId('2'));

  await gateway.gateway.invalidate({ tags: ['front page', 'monthly'] });

  expect([await originOf(byId('1')), await originOf(byId('2'))]).toEqual(['miss', 'miss']);
});

test('names of @cacheTag invalidate, with keys and arguments in them', async () => {
  const query = 'query($genre: String) { books(genre: $genre) { id } }';
  const options = { variables: { genre: 'none' } };
  await keep(byId('1'), byId('2'));
  await gateway.ask(query, options);

  await gateway.gateway.invalidate({ tags: ['book-1', 'genre-none'] });

  expect(await originOf(byId('1'))).toBe('miss');
  expect(await originOf(byId('2'))).toBe('hit');
  expect(await originOf(query, options)).toBe('miss');
});

test('the internal port takes invalidations from who bears the secret', async () => {
  await keep(byId('1'));

  expect((await gateway.invalidate({ types: ['Book'] }, 'a-secret-that-is-not-the-right-one')).status).toBe(401);
  expect((await gateway.invalidate({ type: 'Book' })).status).toBe(400);
  expect((await gateway.invalidate('Book')).status).toBe(400);
  expect(await originOf(byId('1'))).toBe('hit');

  const done = await gateway.invalidate({ entities: [{ type: 'Book', key: { id: '1' } }] });
  expect(done.status).toBe(204);
  expect(await originOf(byId('1'))).toBe('miss');
});

test('while one secret takes the place of another, whoever bears either of them invalidates', async () => {
  const next = 'the-secret-that-takes-the-place-of-it';
  const rotating = await library.open({ CACHE_INVALIDATION_SECRET: `${next},${invalidationSecret}` });

  for (const secret of [next, invalidationSecret]) {
    expect((await rotating.invalidate({ types: ['Book'] }, secret)).status).toBe(204);
  }
  expect((await rotating.invalidate({ types: ['Book'] }, `${next},${invalidationSecret}`)).status).toBe(401);
});

test('without a secret nobody can invalidate from outside', async () => {
  const closed = await library.open({ CACHE_INVALIDATION_SECRET: '' });

  expect((await closed.invalidate({ everything: true })).status).toBe(404);
});

test.each([
  ['book.renamed', { bookId: '1' }, ['miss', 'hit']],
  ['stock.counted', {}, ['miss', 'miss']],
  ['book.renamed', {}, ['miss', 'miss']],
])('the event %s with %j is heeded', async (type, payload, expected) => {
  await keep(byId('1'), byId('2'));

  await eventBus.publish([createDomainEvent({ type, payload })]);

  await eventually(async () => (await gateway.ask(byId('1'))).origin === 'miss');
  expect(await originOf(byId('2'))).toBe(expected[1]);
});

test('a mutation takes with it what told about the entities that it answers', async () => {
  await keep(byId('1'), byId('2'));

  await gateway.ask('mutation { renameBook(id: "1", title: "Renamed") { id } }');
  const renamed = await gateway.ask(byId('1'));
  library.data.titles['1'] = 'Dune';

  expect(renamed.data).toEqual({ book: { id: '1', title: 'Renamed' } });
  expect(await originOf(byId('2'))).toBe('hit');
});

test('who changes something sees it, and others keep what they had', async () => {
  const [token, other] = [await library.signIn(), await library.signIn()];
  for (const asker of [token, other]) await gateway.ask('{ greeting }', { token: asker });

  await gateway.ask('mutation { ping }', { token });

  expect(await originOf('{ greeting }', { token })).toBe('miss');
  expect(await originOf('{ greeting }', { token: other })).toBe('hit');
});

test('what was read before an invalidation is not kept after it', async () => {
  const alone = await library.open({ DEDUPLICATE_IN_FLIGHT: 'false' });
  const held = library.catalog.holdNext();
  const stale = alone.ask(byId('1'));
  await held.hasRead;

  library.data.titles['1'] = 'New title';
  await alone.gateway.invalidate({ entities: [{ type: 'Book', key: { id: '1' } }] });
  const fresh = await alone.ask(byId('1'));
  held.release();
  expect((await stale).data).toEqual({ book: { id: '1', title: 'Dune' } });

  const after = await alone.ask(byId('1'));
  library.data.titles['1'] = 'Dune';
  expect(after).toMatchObject({ origin: 'hit', data: { book: { id: '1', title: 'New title' } } });
  expect(fresh.data).toEqual(after.data);
});

test('who shares a request to a subgraph that began before an invalidation does not keep its answer', async () => {
  const shared = (): Promise<number> => gateway.metric('graphql_subgraph_shared_requests_total', 'catalog');
  const held = library.catalog.holdNext();
  const first = gateway.ask(byId('2'));
  await held.hasRead;
  await gateway.gateway.invalidate({ types: ['Book'] });
  library.data.titles['2'] = 'New title';
  const before = await shared();

  const second = gateway.ask(byId('2'));
  await eventually(async () => (await shared()) === before + 1);
  held.release();
  await Promise.all([first, second]);

  const third = await gateway.ask(byId('2'));
  library.data.titles['2'] = 'Emma';
  expect(third.data).toEqual({ book: { id: '2', title: 'New title' } });
});
