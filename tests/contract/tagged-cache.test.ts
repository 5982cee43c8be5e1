import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { createInProcessTaggedCache } from '@tessera/service/cache';
import { createRedis, waitForRedis } from '@tessera/service/redis';
import { eventually } from '../support/eventually.js';
import { createLeftovers, quietLogger } from '../support/leftovers.js';
import { describeWithRedis, startRedisServer, type RedisServer } from '../support/redis-server.js';
import { connectTaggedCache, stampOf, taggedCacheContract, valueOf } from './tagged-cache-contract.js';

const logger = quietLogger();
const leftovers = createLeftovers();
afterEach(() => leftovers.close());
let services = 0;

const connect = (url: string, service = `test-${(services += 1)}`) => connectTaggedCache(url, service, leftovers);

describe('tagged cache in the process', () => {
  taggedCacheContract(async () => createInProcessTaggedCache({ sizeOf: (value: string) => value.length }));

  test('drops the entry that was not used for longest when there are too many, and says so', async () => {
    let evicted = 0;
    const cache = createInProcessTaggedCache({
      maxEntries: 2,
      sizeOf: (value: string) => value.length,
      onEvicted: () => (evicted += 1),
    });
    const options = { tags: ['a'], ttlSeconds: 60, stamp: 0 };
    await cache.set('1', 'one', options);
    await cache.set('2', 'two', options);
    await cache.read(['1']);

    await cache.set('3', 'three', options);

    expect((await cache.read(['1', '2', '3'])).entries.map((entry) => entry?.value)).toEqual([
      'one',
      undefined,
      'three',
    ]);
    expect(evicted).toBe(1);
  });

  test('drops entries when they take too much memory', async () => {
    const cache = createInProcessTaggedCache({ maxBytes: 1_500, sizeOf: (value: string) => value.length });
    const options = { tags: [], ttlSeconds: 60, stamp: 0 };
    await cache.set('1', 'x'.repeat(900), options);

    await cache.set('2', 'y'.repeat(900), options);
    await cache.set('3', 'z'.repeat(9_000), options);

    expect((await cache.read(['1', '2', '3'])).entries.map((entry) => entry?.value.length)).toEqual([
      undefined,
      900,
      undefined,
    ]);
  });

  test('refuses what began before an invalidation that it no longer remembers', async () => {
    const cache = createInProcessTaggedCache({ sizeOf: (value: string) => value.length });
    await cache.invalidate(['a']);
    await cache.invalidate(Array.from({ length: 20_000 }, (_, index) => `other-${index}`));

    await cache.set('1', 'stale', { tags: ['a'], ttlSeconds: 60, stamp: 0 });

    expect(await valueOf(cache, '1')).toBeUndefined();
  });
});

describeWithRedis('tagged cache in a single Redis', () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedisServer();
  });
  afterAll(() => server.stop());

  taggedCacheContract(() => connect(server.url));

  test('two connections agree on values and invalidations', async () => {
    const [one, two] = [await connect(server.url, 'shared'), await connect(server.url, 'shared')];
    await one.set('1', 'value', { tags: ['a'], ttlSeconds: 60, stamp: await stampOf(one) });

    expect(await valueOf(two, '1')).toBe('value');
    await two.invalidate(['a']);
    expect(await valueOf(one, '1')).toBeUndefined();
  });

  test('a value whose tag was evicted is not answered', async () => {
    const cache = await connect(server.url, 'evicting');
    await cache.set('1', 'value', { tags: ['a'], ttlSeconds: 60, stamp: await stampOf(cache) });
    const redis = createRedis(server.url, { logger, name: 'evictor', lifecycle: leftovers });
    await waitForRedis(redis, 10_000);

    await redis.del('tessera:{evicting-cache}:tag:a');

    expect(await valueOf(cache, '1')).toBeUndefined();
  });

  test('the clock goes on where it was lost', async () => {
    const cache = await connect(server.url, 'clockless');
    const first = await cache.invalidate(['a']);
    const redis = createRedis(server.url, { logger, name: 'evictor', lifecycle: leftovers });
    await waitForRedis(redis, 10_000);
    await redis.del('tessera:{clockless-cache}:clock');

    expect(await cache.invalidate(['a'])).toBeGreaterThan(first ?? Number.POSITIVE_INFINITY);
  });
});

describeWithRedis('tagged cache while Redis fails', () => {
  test('misses at once while Redis is down, confirms no invalidation, and works again after its restart', async () => {
    const server = await startRedisServer();
    leftovers.defer('redis', () => server.stop());
    const cache = await connect(server.url);

    await server.kill9();
    const startedAtMs = performance.now();
    expect(await cache.read(['1', '2'])).toEqual({ entries: [undefined, undefined], stamp: undefined });
    await cache.set('1', 'value', { tags: ['a'], ttlSeconds: 60, stamp: 1 });
    expect(await cache.invalidate(['a'])).toBeUndefined();
    expect(performance.now() - startedAtMs).toBeLessThan(1_000);

    await server.restart();
    await eventually(async () => (await cache.invalidate(['a'])) !== undefined);
  });

  test('waits for a hanging Redis a few times, then no more', async () => {
    const server = await startRedisServer();
    leftovers.defer('redis', () => server.stop());
    const cache = await connect(server.url);

    server.pause();
    for (let reads = 0; reads < 3; reads += 1) expect((await cache.read(['1'])).stamp).toBeUndefined();
    const startedAtMs = performance.now();
    for (let reads = 0; reads < 100; reads += 1) await cache.read(['1']);
    expect(performance.now() - startedAtMs).toBeLessThan(500);

    server.resume();
    await eventually(async () => (await cache.read(['1'])).stamp !== undefined);
  });
});
