import { expect, test } from '@jest/globals';
import { createRedisTaggedCache, type TaggedCache, type TaggedCodec } from '@tessera/service/cache';
import { createRedis, waitForRedis } from '@tessera/service/redis';
import { eventually } from '../support/eventually.js';
import { quietLogger, type Leftovers } from '../support/leftovers.js';

const codec: TaggedCodec<string> = { encode: (value) => value, decode: (text) => text };

/** @param service shares entries with whoever has the same */
export async function connectTaggedCache(
  url: string,
  service: string,
  leftovers: Leftovers,
): Promise<TaggedCache<string>> {
  const logger = quietLogger();
  const redis = createRedis(url, { logger, name: 'cache', lifecycle: leftovers });
  await waitForRedis(redis, 10_000);
  const cache = createRedisTaggedCache({ redis, service, kind: 'thing', codec, logger });
  // A cluster's other nodes are connected to by the first commands, which may take longer than a read may.
  await eventually(async () => (await cache.read([])).stamp !== undefined);
  return cache;
}

/** The clock of a cache that can be read. */
export async function stampOf(cache: TaggedCache<string>): Promise<number> {
  const { stamp } = await cache.read([]);
  if (stamp === undefined) throw new Error('The cache cannot be read');
  return stamp;
}

export async function valueOf(cache: TaggedCache<string>, key: string): Promise<string | undefined> {
  return (await cache.read([key])).entries[0]?.value;
}

/** What every adapter does. @param createCache makes an empty one */
export function taggedCacheContract(createCache: () => Promise<TaggedCache<string>>): void {
  test('answers what was set under each key, and nothing for the others', async () => {
    const cache = await createCache();
    const stamp = await stampOf(cache);

    await cache.set('1', 'one ✓', { tags: ['a'], ttlSeconds: 60, stamp });
    await cache.set('2', 'two\nlines', { tags: [], ttlSeconds: 60, stamp });

    const { entries } = await cache.read(['1', 'absent', '2']);
    expect(entries.map((entry) => entry?.value)).toEqual(['one ✓', undefined, 'two\nlines']);
    expect(entries[0]?.tags).toEqual(['a']);
  });

  test('invalidates every value with the tag, and no other', async () => {
    const cache = await createCache();
    const stamp = await stampOf(cache);
    await cache.set('1', 'one', { tags: ['a', 'b'], ttlSeconds: 60, stamp });
    await cache.set('2', 'two', { tags: ['b', 'c'], ttlSeconds: 60, stamp });
    await cache.set('3', 'three', { tags: ['c'], ttlSeconds: 60, stamp });

    const invalidatedAt = await cache.invalidate(['a', 'b']);

    expect(invalidatedAt).toBeGreaterThan(stamp);
    const { entries } = await cache.read(['1', '2', '3']);
    expect(entries.map((entry) => entry?.value)).toEqual([undefined, undefined, 'three']);
  });

  test('does not keep a value that was begun before an invalidation of its tag', async () => {
    const cache = await createCache();
    const before = await stampOf(cache);

    await cache.invalidate(['a']);
    await cache.set('1', 'stale', { tags: ['a'], ttlSeconds: 60, stamp: before });
    expect(await valueOf(cache, '1')).toBeUndefined();

    await cache.set('1', 'fresh', { tags: ['a'], ttlSeconds: 60, stamp: await stampOf(cache) });
    expect(await valueOf(cache, '1')).toBe('fresh');
  });

  test('does not let a late writer replace what is newer than an invalidation', async () => {
    const cache = await createCache();
    const before = await stampOf(cache);
    await cache.invalidate(['a']);
    await cache.set('1', 'fresh', { tags: ['a'], ttlSeconds: 60, stamp: await stampOf(cache) });

    await cache.set('1', 'stale', { tags: ['a'], ttlSeconds: 60, stamp: before });

    expect(await valueOf(cache, '1')).toBe('fresh');
  });

  test('forgets a value when its time is over', async () => {
    const cache = await createCache();

    await cache.set('1', 'one', { tags: ['a'], ttlSeconds: 1, stamp: await stampOf(cache) });

    expect(await valueOf(cache, '1')).toBe('one');
    await eventually(async () => (await valueOf(cache, '1')) === undefined);
  });
}
