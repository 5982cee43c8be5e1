import { withDeadline } from '../deadline/index.js';
import type { Logger } from '../logging/index.js';
import { serviceKey, type RedisClient } from '../redis/index.js';
import type { Cache, CacheEntryOptions, CacheObserver } from './cache.js';
import { RedisEntryIndex, type EntryBounds } from './redis-entry-index.js';

export interface RedisCacheOptions extends Partial<EntryBounds> {
  readonly redis: RedisClient;
  /** The service whose entries these are: services share a Redis, not each other's entries. */
  readonly service: string;
  readonly logger: Logger;
  readonly observe?: CacheObserver;
  /** Deadline of every operation. Default 250 ms. */
  readonly timeoutMs?: number;
}

/** One line in so many milliseconds is enough to say that Redis is away; every request would be a flood. */
const logIntervalMs = 5_000;

/**
 * Creates a {@link Cache} that all instances of a service share in Redis: bounded (by default 100,000 entries of 64 MiB together),
 * those first out whose time is over first.
 */
export function createRedisCache(options: RedisCacheOptions): Cache {
  const { redis, service, logger, observe = () => undefined, timeoutMs = 250 } = options;
  const { maxEntries = 100_000, maxBytes = 64 * 1024 * 1024 } = options;
  const index = new RedisEntryIndex(redis, service, { maxEntries, maxBytes });
  let lastLoggedAtMs = Number.NEGATIVE_INFINITY;

  const attempt = async <T>(operation: string, work: Promise<T>): Promise<{ readonly value: T } | undefined> => {
    try {
      return { value: await withDeadline(work, timeoutMs, `Cache ${operation}`) };
    } catch (error) {
      const nowMs = performance.now();
      if (nowMs - lastLoggedAtMs >= logIntervalMs) {
        lastLoggedAtMs = nowMs;
        logger.warn({ err: error, operation }, 'cache is not reachable');
      }
      return undefined;
    }
  };

  const keep = async (key: string, value: string, ttlSeconds: number): Promise<void> => {
    const [gone] = await Promise.all([
      index.note(key, value, ttlSeconds),
      redis.set(serviceKey(service, key), value, 'EX', ttlSeconds),
    ]);
    // One by one: in a cluster they stand on several nodes.
    await Promise.all(gone.map((other) => redis.del(serviceKey(service, other))));
  };

  return {
    async get(key: string): Promise<string | undefined> {
      const answer = await attempt('get', redis.get(serviceKey(service, key)));
      if (answer === undefined) {
        observe('error');
        return undefined;
      }
      observe(answer.value === null ? 'miss' : 'hit');
      return answer.value ?? undefined;
    },
    async set(key: string, value: string, { ttlSeconds }: CacheEntryOptions): Promise<void> {
      await attempt('set', keep(key, value, ttlSeconds));
    },
    async delete(key: string): Promise<boolean> {
      return (await attempt('delete', redis.del(serviceKey(service, key)))) !== undefined;
    },
  };
}
