import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { startLibrary, type Library, type LibraryGateway } from './library.js';

let library: Library;
beforeAll(async () => {
  library = await startLibrary();
});
afterAll(() => library.close());

const query = '{ book(id: "1") { id title } }';

describe('answers that others may keep', () => {
  let gateway: LibraryGateway;
  beforeAll(async () => {
    gateway = await library.open({ CACHE_TAG_HEADER: 'surrogate-key', RATE_LIMITS: 'local' });
  });
  beforeEach(() => gateway.gateway.invalidate({ everything: true }));

  const get = (headers: Readonly<Record<string, string>> = {}) => gateway.ask(query, { method: 'GET', headers });

  test('an answer from memory has the bytes, the validator and the policy of the first one, and its age', async () => {
    const first = await gateway.ask(query);
    const second = await gateway.ask(query);

    expect(first.headers.get('cache-control')).toBe('public, max-age=60');
    expect(first.headers.get('age')).toBeNull();
    expect(second.headers.get('age')).toMatch(/^\d+$/);
    expect(second.headers.get('etag')).toMatch(/^"[\w-]+"$/);
    for (const name of ['etag', 'cache-control', 'vary', 'content-type']) {
      expect(second.headers.get(name)).toBe(first.headers.get(name));
    }
    expect(second.data).toEqual(first.data);
  });

  test('a GET for bytes that the client has already is answered with 304 and nothing else', async () => {
    const etag = (await get()).headers.get('etag') ?? '';

    for (const given of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const answer = await get({ 'if-none-match': given });
      expect(answer.status).toBe(304);
      expect(answer.data).toBeUndefined();
      expect(answer.headers.get('etag')).toBe(etag);
      expect(answer.headers.get('cache-control')).toBe('public, max-age=60');
      expect(answer.headers.get('vary')).toBe('accept');
    }
    expect((await get({ 'if-none-match': '"other"' })).status).toBe(200);
  });

  test('a POST is answered in full, whatever the client has', async () => {
    const etag = (await gateway.ask(query)).headers.get('etag') ?? '';

    const answer = await gateway.ask(query, { headers: { 'if-none-match': etag } });

    expect(answer.status).toBe(200);
    expect(answer.data).toEqual({ book: { id: '1', title: 'Dune' } });
  });

  test('another media type is another representation', async () => {
    const accept = 'application/graphql-response+json';
    const etag = (await get()).headers.get('etag') ?? '';

    const answer = await get({ accept, 'if-none-match': etag });

    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toContain(accept);
    expect(answer.headers.get('etag')).not.toBe(etag);
  });

  test('the validator changes with the answer', async () => {
    const etag = (await get()).headers.get('etag') ?? '';
    library.data.titles['1'] = 'Dune Messiah';
    await gateway.gateway.invalidate({ types: ['Book'] });

    const answer = await get({ 'if-none-match': etag });
    library.data.titles['1'] = 'Dune';

    expect(answer.status).toBe(200);
    expect(answer.data).toEqual({ book: { id: '1', title: 'Dune Messiah' } });
  });

  test('a GET of a persisted query is answered as a CDN can keep it', async () => {
    const persistedQuery = { version: 1, sha256Hash: createHash('sha256').update(query).digest('hex') };
    await gateway.ask(query, { extensions: { persistedQuery } });

    const search = new URLSearchParams({ extensions: JSON.stringify({ persistedQuery }) });
    const response = await fetch(`${gateway.url}?${search}`);

    expect(response.headers.get('cache-control')).toBe('public, max-age=60');
    expect(response.headers.get('surrogate-key')).toBe('Book Book:1');
    expect(response.headers.get('vary')).toBe('accept');
    expect(response.headers.has('set-cookie')).toBe(false);
    expect(response.headers.has('ratelimit')).toBe(false);
    expect(await response.json()).toEqual({ data: { book: { id: '1', title: 'Dune' } } });
  });

  test('a private answer names neither tags nor a shared age', async () => {
    const { headers } = await gateway.ask('{ greeting }', { token: await library.signIn() });

    expect(headers.get('cache-control')).toBe('private, max-age=60');
    expect(headers.get('vary')).toBe('accept, authorization');
    expect(headers.has('surrogate-key')).toBe(false);
    expect(headers.has('ratelimit')).toBe(true);
  });

  test('an answer with extensions is for its client alone', async () => {
    await gateway.ask(query);

    const { headers, extensions, data } = await gateway.ask(query, { extensions: { cost: true } });

    expect(extensions?.['cost']).toBeDefined();
    expect(data).toEqual({ book: { id: '1', title: 'Dune' } });
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.has('etag')).toBe(false);
  });

  test('a socket and an event stream are answered from the same memory', async () => {
    await gateway.ask(query);
    const before = library.catalog.requests();

    const client = createClient({ url: gateway.url.replace('http', 'ws'), webSocketImpl: WebSocket, lazy: true });
    const { value } = await client.iterate({ query }).next();
    await client.dispose();
    const events = await fetch(gateway.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
      body: JSON.stringify({ query }),
    });

    expect(value).toEqual({ data: { book: { id: '1', title: 'Dune' } } });
    expect(await events.text()).toContain('{"data":{"book":{"id":"1","title":"Dune"}}}');
    expect(library.catalog.requests()).toBe(before);
  });
});

test('by default nothing is kept, and nobody is told that it may be', async () => {
  const gateway = await library.open({ ANSWER_CACHE: 'off' });
  const before = library.catalog.requests();

  await gateway.ask(query);
  const { headers, origin } = await gateway.ask(query);

  expect(library.catalog.requests()).toBe(before + 2);
  expect(headers.get('cache-control')).toBe('no-store');
  expect(headers.has('etag')).toBe(false);
  expect(origin).toBeNull();
});

test('"headers" tells others what they may keep, and keeps nothing', async () => {
  const gateway = await library.open({ ANSWER_CACHE: 'headers', CACHE_TAG_HEADER: 'cache-tag' });
  const before = library.catalog.requests();

  await gateway.ask(query);
  const { headers } = await gateway.ask(query);

  expect(library.catalog.requests()).toBe(before + 2);
  expect(headers.get('cache-control')).toBe('public, max-age=60');
  expect(headers.get('cache-tag')).toBe('Book,Book:1');
  const etag = headers.get('etag') ?? '';
  expect((await gateway.ask(query, { method: 'GET', headers: { 'if-none-match': etag } })).status).toBe(304);
});

test('"public" keeps nothing private, and tells its caller all the same', async () => {
  const gateway = await library.open({ ANSWER_CACHE: 'public' });
  const token = await library.signIn();
  const before = library.catalog.requests();

  await gateway.ask('{ greeting }', { token });
  const { headers } = await gateway.ask('{ greeting }', { token });
  await gateway.ask(query);
  const { origin } = await gateway.ask(query);

  expect(headers.get('cache-control')).toBe('private, max-age=60');
  expect(origin).toBe('hit');
  expect(library.catalog.requests()).toBe(before + 3);
});

test('without authentication here, the token that is handed on tells callers apart', async () => {
  const gateway = await library.open({ JWKS_URL: '', PRINCIPAL_SECRET: '' });

  const answers = [];
  for (const token of ['a', 'b', 'a', undefined, undefined]) answers.push(await gateway.ask('{ greeting }', { token }));

  expect(answers.map(({ data }) => data?.['greeting'])).toEqual([
    'Hello Bearer a',
    'Hello Bearer b',
    'Hello Bearer a',
    'Hello nobody',
    'Hello nobody',
  ]);
  expect(answers.map(({ origin }) => origin)).toEqual(['miss', 'miss', 'hit', 'miss', 'hit']);
});

test('what is kept is bounded, and what had to go is counted', async () => {
  const gateway = await library.open({ CACHE_MAX_ENTRIES: '2' });
  const asked = ['{ book(id: "1") { id } }', '{ book(id: "2") { id } }', '{ book(id: "3") { id } }'];
  for (const text of asked) await gateway.ask(text);

  const origins = [];
  for (const text of [...asked].reverse()) origins.push((await gateway.ask(text)).origin);

  expect(origins).toEqual(['hit', 'hit', 'miss']);
  expect(await gateway.metric('cache_evictions_total', 'cache="answers"')).toBeGreaterThan(0);
});

test('another supergraph has other answers', async () => {
  const gateway = await library.open();
  await gateway.ask(query);
  expect((await gateway.ask(query)).origin).toBe('hit');

  await gateway.gateway.offerSupergraph(`${library.supergraphSdl}\n# another one\n`);

  expect((await gateway.ask(query)).origin).toBe('miss');
  expect((await gateway.ask(query)).origin).toBe('hit');
});
