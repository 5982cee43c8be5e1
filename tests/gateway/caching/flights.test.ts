import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { eventually } from '../../support/eventually.js';
import { startLibrary, type Library, type LibraryGateway } from './library.js';

let library: Library;
let gateway: LibraryGateway;
beforeAll(async () => {
  library = await startLibrary();
  gateway = await library.open({ DEDUPLICATE_IN_FLIGHT: 'false' });
});
afterAll(() => library.close());
beforeEach(() => gateway.gateway.invalidate({ everything: true }));

const misses = (): Promise<number> => gateway.metric('cache_misses_total', 'cache="answers"');

/** Waits until so many more requests have looked for an answer in vain. */
async function untilMissed(before: number, count: number): Promise<void> {
  await eventually(async () => (await misses()) >= before + count);
}

test('of many who ask the same at once, one asks the subgraph', async () => {
  const [requests, before] = [library.catalog.requests(), await misses()];
  const held = library.catalog.holdNext();

  const answers = Array.from({ length: 20 }, () => gateway.ask('{ book(id: "1") { title } }'));
  await untilMissed(before, 20);
  held.release();

  for (const { data } of await Promise.all(answers)) expect(data).toEqual({ book: { title: 'Dune' } });
  expect(library.catalog.requests()).toBe(requests + 1);
});

test('nobody waits for what may turn out to be private to somebody else', async () => {
  const [ada, bob] = [await library.signIn(), await library.signIn()];
  const [requests, before] = [library.catalog.requests(), await misses()];
  const held = library.catalog.holdNext();

  // An operation that nobody has asked yet: its scope is not known.
  const text = '{ hello: greeting }';
  const first = gateway.ask(text, { token: ada });
  await held.hasRead;
  const others = [gateway.ask(text, { token: bob }), gateway.ask(text, { token: ada }), gateway.ask(text)];
  const [ofBob, , ofNobody] = [await others[0], undefined, await others[2]];
  await untilMissed(before, 4);
  held.release();

  const own = await first;
  expect((await others[1])?.data).toEqual(own.data);
  expect(ofBob?.data).not.toEqual(own.data);
  expect(ofNobody?.data).toEqual({ hello: 'Hello nobody' });
  expect(library.catalog.requests()).toBe(requests + 3);
});

test('who waited for a public answer that turned out to be private asks again', async () => {
  await gateway.ask('{ unhintedAlias: unhinted }');
  library.catalog.headers = { 'cache-control': 'public, max-age=1' };
  await gateway.ask('{ unhintedAlias: unhinted }');
  await gateway.ask('{ unhintedAlias: unhinted }');
  await gateway.gateway.invalidate({ everything: true });
  const before = await misses();
  const held = library.catalog.holdNext();

  const ofAda = gateway.ask('{ unhintedAlias: unhinted }', { token: await library.signIn() });
  await held.hasRead;
  const ofBob = gateway.ask('{ unhintedAlias: unhinted }', { token: await library.signIn() });
  await untilMissed(before, 2);
  library.catalog.headers = { 'cache-control': 'private, max-age=1' };
  held.release();

  const [one, other] = [await ofAda, await ofBob];
  library.catalog.headers = {};
  expect(one.data).not.toEqual(other.data);
  expect(other.headers.get('cache-control')).toBe('private, max-age=1');
});

test('who waits does not wait for long, nor for who has left', async () => {
  const [requests, before] = [library.catalog.requests(), await misses()];
  library.catalog.holdNext();
  const leaving = new AbortController();
  const text = JSON.stringify({ query: '{ book(id: "3") { title } }' });
  const headers = { 'content-type': 'application/json' };
  const first = fetch(gateway.url, { method: 'POST', headers, body: text, signal: leaving.signal });
  first.catch(() => undefined);
  await untilMissed(before, 1);

  const second = gateway.ask('{ book(id: "3") { title } }');
  await untilMissed(before, 2);
  leaving.abort();

  expect((await second).data).toEqual({ book: { title: 'Ilium' } });
  expect(library.catalog.requests()).toBe(requests + 2);
});

test('a stale answer is asked for again once, however many get it', async () => {
  library.catalog.headers = { 'cache-control': 'public, max-age=1, stale-while-revalidate=60' };
  await gateway.ask('{ fleeting }');
  const requests = library.catalog.requests();
  const held = library.catalog.holdNext();

  await eventually(async () => (await gateway.ask('{ fleeting }')).origin === 'stale');
  await held.hasRead;
  const answers = await Promise.all(Array.from({ length: 10 }, () => gateway.ask('{ fleeting }')));
  held.release();
  await eventually(async () => (await gateway.ask('{ fleeting }')).origin === 'hit');
  library.catalog.headers = {};

  expect(answers.map(({ origin }) => origin)).toEqual(Array.from({ length: 10 }, () => 'stale'));
  expect(library.catalog.requests()).toBe(requests + 1);
});
