import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createInProcessCache, createRedisCache, type Cache, type CacheOutcome } from '@tessera/service/cache';
import { createRedis, waitForRedis, type RedisClient } from '@tessera/service/redis';
import { eventually } from '../support/eventually.js';
import { createLeftovers, quietLogger } from '../support/leftovers.js';
import { describeWithRedis, startRedisServer, type RedisServer } from '../support/redis-server.js';
import { startRedisCluster, startRedisSentinel, type RedisTopology } from '../support/redis-topologies.js';

const logger = quietLogger();
const leftovers = createLeftovers();
afterEach(() => leftovers.close());

async function connected(url: string): Promise<RedisClient> {
  const redis = createRedis(url, { logger, name: 'cache', lifecycle: leftovers });
  await waitForRedis(redis, 10_000);
  return redis;
}

async function connectedCache(url: string, observe: (outcome: CacheOutcome) => void = () => undefined) {
  return createRedisCache({ redis: await connected(url), service: 'test', logger, observe });
}

/** How many of the keys `0`, `1` and so on are kept, and the first of them. */
async function keptOf(cache: Cache, count: number): Promise<{ readonly count: number; readonly first: number }> {
  const values = await Promise.all(Array.from({ length: count }, (_, key) => cache.get(String(key))));
  return {
    count: values.filter((value) => value !== undefined).length,
    first: values.findIndex((value) => value !== undefined),
  };
}

function boundedContract(url: () => string): void {
  test('keeps no more entries than it may, however many instances write, the latest last', async () => {
    const options = { service: 'counted', logger, maxEntries: 10 };
    const caches = await Promise.all(
      [1, 2].map(async () => createRedisCache({ redis: await connected(url()), ...options })),
    );
    const [first, second] = caches;
    if (first === undefined || second === undefined) throw new Error('Two caches were asked for');

    for (let key = 0; key < 40; key += 1) {
      await (key % 2 === 0 ? first : second).set(String(key), 'value', { ttlSeconds: 60 + key });
    }
    // What is said again takes no second place.
    await first.set('39', 'value', { ttlSeconds: 100 });

    expect(await keptOf(first, 40)).toEqual({ count: 10, first: 30 });
  });

  test('keeps no more bytes than it may, and nothing that is larger than that', async () => {
    const cache = createRedisCache({ redis: await connected(url()), service: 'weighed', logger, maxBytes: 1_000 });

    for (let key = 0; key < 20; key += 1) await cache.set(String(key), 'ä'.repeat(100), { ttlSeconds: 60 + key });
    expect(await keptOf(cache, 20)).toEqual({ count: 4, first: 16 });

    await cache.set('large', 'x'.repeat(1_001), { ttlSeconds: 60 });
    expect(await cache.get('large')).toBeUndefined();
    expect((await keptOf(cache, 20)).count).toBeGreaterThan(0);
  });

  test('entries whose time is over leave their place to others', async () => {
    const cache = createRedisCache({ redis: await connected(url()), service: 'over', logger, maxEntries: 2 });
    await cache.set('0', 'short', { ttlSeconds: 1 });
    await eventually(async () => (await cache.get('0')) === undefined);

    await cache.set('1', 'long', { ttlSeconds: 60 });
    await cache.set('2', 'long', { ttlSeconds: 60 });

    expect(await keptOf(cache, 3)).toEqual({ count: 2, first: 1 });
  });
}

function cacheContract(createCache: () => Promise<Cache>): void {
  test('answers nothing for a key that was never set', async () => {
    const cache = await createCache();

    expect(await cache.get('-:thing:absent')).toBeUndefined();
  });

  test('answers what was set last', async () => {
    const cache = await createCache();

    await cache.set('-:thing:1', 'first', { ttlSeconds: 60 });
    await cache.set('-:thing:1', 'sécond ✓', { ttlSeconds: 60 });

    expect(await cache.get('-:thing:1')).toBe('sécond ✓');
  });

  test('keeps an empty string apart from nothing', async () => {
    const cache = await createCache();

    await cache.set('-:thing:empty', '', { ttlSeconds: 60 });

    expect(await cache.get('-:thing:empty')).toBe('');
  });

  test('forgets what was deleted', async () => {
    const cache = await createCache();
    await cache.set('-:thing:2', 'value', { ttlSeconds: 60 });

    const confirmed = await cache.delete('-:thing:2');

    expect(confirmed).toBe(true);
    expect(await cache.get('-:thing:2')).toBeUndefined();
  });

  test('forgets a value when its time is over', async () => {
    const cache = await createCache();

    await cache.set('-:thing:3', 'value', { ttlSeconds: 1 });

    expect(await cache.get('-:thing:3')).toBe('value');
    await eventually(async () => (await cache.get('-:thing:3')) === undefined);
  });
}

describe('cache in the process', () => {
  cacheContract(async () => createInProcessCache());
});

describeWithRedis('cache in a single Redis', () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedisServer();
  });
  afterAll(() => server.stop());

  cacheContract(() => connectedCache(server.url));
  boundedContract(() => server.url);

  test('keeps the entries of two services apart', async () => {
    const redis = createRedis(server.url, { logger, name: 'cache', lifecycle: leftovers });
    await waitForRedis(redis, 10_000);
    const one = createRedisCache({ redis, service: 'one', logger });
    const two = createRedisCache({ redis, service: 'two', logger });

    await one.set('-:thing:shared', 'of one', { ttlSeconds: 60 });

    expect(await two.get('-:thing:shared')).toBeUndefined();
  });
});

describeWithRedis('cache while Redis fails', () => {
  let server: RedisServer;
  beforeEach(async () => {
    server = await startRedisServer();
  });
  afterEach(() => server.stop());

  test('answers at once with a miss while Redis is down, and works again after its restart', async () => {
    const outcomes: CacheOutcome[] = [];
    const cache = await connectedCache(server.url, (outcome) => outcomes.push(outcome));
    await cache.set('-:thing:1', 'value', { ttlSeconds: 60 });

    await server.kill9();
    const startedAtMs = performance.now();
    const answer = await cache.get('-:thing:1');
    await cache.set('-:thing:1', 'value', { ttlSeconds: 60 });
    const confirmed = await cache.delete('-:thing:1');

    expect(answer).toBeUndefined();
    expect(confirmed).toBe(false);
    expect(outcomes).toEqual(['error']);
    expect(performance.now() - startedAtMs).toBeLessThan(1_000);

    await server.restart();
    await eventually(async () => {
      await cache.set('-:thing:1', 'again', { ttlSeconds: 60 });
      return (await cache.get('-:thing:1')) === 'again';
    });
  });

  test('answers with a miss within its deadline while Redis hangs', async () => {
    const cache = await connectedCache(server.url);

    server.pause();
    const startedAtMs = performance.now();
    const answer = await cache.get('-:thing:1');
    const elapsedMs = performance.now() - startedAtMs;
    server.resume();

    expect(answer).toBeUndefined();
    expect(elapsedMs).toBeGreaterThan(200);
    expect(elapsedMs).toBeLessThan(600);
  });
});

describeWithRedis('cache in a Redis cluster', () => {
  let cluster: RedisTopology;
  beforeAll(async () => {
    cluster = await startRedisCluster();
  }, 30_000);
  afterAll(() => cluster.stop());

  cacheContract(() => connectedCache(cluster.url));
  boundedContract(() => cluster.url);
});

describeWithRedis('cache behind Sentinels', () => {
  let topology: RedisTopology;
  beforeAll(async () => {
    topology = await startRedisSentinel();
  }, 30_000);
  afterAll(() => topology.stop());

  cacheContract(() => connectedCache(topology.url));

  test('finds the new master after a failover', async () => {
    const cache = await connectedCache(topology.url);

    await topology.servers[0]?.kill9();

    await eventually(async () => {
      await cache.set('-:thing:failover', 'value', { ttlSeconds: 60 });
      return (await cache.get('-:thing:failover')) === 'value';
    }, 25_000);
  }, 30_000);
});
