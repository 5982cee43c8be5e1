import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createInProcessCache, type Cache } from '@tessera/service/cache';
import { openRawSocket } from '../support/raw-socket.js';
import { startRunningGateway, type RunningGateway } from '../support/running-gateway.js';

const sharedCache = createInProcessCache();
let running: RunningGateway;
let other: RunningGateway;

beforeAll(async () => {
  running = await startRunningGateway({ adapters: { cache: sharedCache } });
  other = await startRunningGateway({ adapters: { cache: sharedCache } });
});

afterAll(async () => {
  await Promise.all([running.close(), other.close()]);
});

const persisted = (query: string, version = 1) => ({
  persistedQuery: { version, sha256Hash: createHash('sha256').update(query).digest('hex') },
});

test('a query is registered once, and then asked for by its hash, also by GET and at another gateway', async () => {
  const query = 'query ($id: ID!) { person(id: $id) { name } }';
  const extensions = persisted(query);
  const variables = { id: '1' };

  const unknown = await running.post({ extensions, variables });
  const registered = await running.post({ query, extensions, variables });
  const known = await running.post({ extensions, variables });
  const byGet = await running.send({
    search: `?${new URLSearchParams({ extensions: JSON.stringify(extensions), variables: JSON.stringify(variables) })}`,
  });
  const elsewhere = await other.post({ extensions, variables });

  expect(unknown).toMatchObject({ status: 200, code: 'PERSISTED_QUERY_NOT_FOUND' });
  expect(unknown.body.errors?.[0]?.message).toBe('PersistedQueryNotFound');
  for (const { body } of [registered, known, byGet, elsewhere]) {
    expect(body).toEqual({ data: { person: { name: 'Name of 1' } } });
  }
});

test('persisted queries work over WebSocket too', async () => {
  const query = '{ openAlerts }';
  const socket = await openRawSocket(running.socketUrl);
  await socket.initialise();
  const ask = (id: string, payload: object) => socket.send({ id, type: 'subscribe', payload });

  ask('1', { query: '', extensions: persisted(query) });
  expect(await socket.next()).toMatchObject({ type: 'error', payload: [{ message: 'PersistedQueryNotFound' }] });

  ask('2', { query, extensions: persisted(query) });
  expect(await socket.next()).toMatchObject({ type: 'next', payload: { data: { openAlerts: 3 } } });
  await socket.next();

  ask('3', { query: '', extensions: persisted(query) });
  expect(await socket.next()).toMatchObject({ type: 'next', payload: { data: { openAlerts: 3 } } });
  socket.socket.close();
});

test('a hash that is not the hash of the query is refused', async () => {
  const answer = await running.post({ query: '{ openAlerts }', extensions: persisted('{ people { id } }') });

  expect(answer.code).toBe('BAD_USER_INPUT');
});

test.each([
  ['no hash', { persistedQuery: {} }, 'BAD_USER_INPUT'],
  ['a short hash', { persistedQuery: { version: 1, sha256Hash: 'abc' } }, 'BAD_USER_INPUT'],
  ['a hash that is no text', { persistedQuery: { version: 1, sha256Hash: 1 } }, 'BAD_USER_INPUT'],
  ['no object', { persistedQuery: 'x' }, 'BAD_USER_INPUT'],
  ['another version', persisted('{ openAlerts }', 2), 'PERSISTED_QUERY_NOT_SUPPORTED'],
])('an extension with %s is refused', async (_name, extensions, code) => {
  expect((await running.post({ extensions })).code).toBe(code);
});

test('a query that does not validate is not registered', async () => {
  const query = '{ nothing }';

  await running.post({ query, extensions: persisted(query) });

  expect((await other.post({ extensions: persisted(query) })).code).toBe('PERSISTED_QUERY_NOT_FOUND');
});

test('what is registered is kept for as long as the settings say', async () => {
  const kept: (number | undefined)[] = [];
  const cache = createInProcessCache();
  const watched: Cache = {
    ...cache,
    async set(key, value, options) {
      kept.push(options?.ttlSeconds);
      await cache.set(key, value, options);
    },
  };
  const brief = await startRunningGateway({ adapters: { cache: watched }, environment: { APQ_TTL_SECONDS: '77' } });
  try {
    await brief.post({ query: '{ openAlerts }', extensions: persisted('{ openAlerts }') });

    expect(kept).toEqual([77]);
  } finally {
    await brief.close();
  }
});

test('a text in the cache that is not the one asked for counts as none', async () => {
  const { sha256Hash } = persisted('{ people { name } }').persistedQuery;
  const poisoned: Cache = { ...createInProcessCache(), get: async () => '{ openAlerts }' };
  const misled = await startRunningGateway({ adapters: { cache: poisoned } });
  try {
    const answer = await misled.post({ extensions: { persistedQuery: { version: 1, sha256Hash } } });
    expect(answer.code).toBe('PERSISTED_QUERY_NOT_FOUND');
  } finally {
    await misled.close();
  }
});
