import type { RedisClient } from '../redis/index.js';

/** The most that a service's entries may come to, all instances together. */
export interface EntryBounds {
  readonly maxEntries: number;
  /** Of keys and values, in UTF-8. */
  readonly maxBytes: number;
}

/** How many entries whose time is over one call looks through: there may be a day's worth of them. */
const maxForgotten = 100;

/**
 * Notes an entry: KEYS times, sizes, total; ARGV key, bytes, seconds, the most entries, the most bytes, how many to forget.
 * Returns the keys of those that have to go, those first whose time is over first. All keys of the index stand in one slot.
 */
const noteScript = `
local now = tonumber(redis.call('TIME')[1])
local function forget(key)
  local bytes = redis.call('HGET', KEYS[2], key)
  if bytes then redis.call('DECRBY', KEYS[3], bytes) end
  redis.call('HDEL', KEYS[2], key)
  redis.call('ZREM', KEYS[1], key)
end
forget(ARGV[1])
for _, key in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, ARGV[6])) do forget(key) end
redis.call('ZADD', KEYS[1], now + tonumber(ARGV[3]), ARGV[1])
redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])
redis.call('INCRBY', KEYS[3], ARGV[2])
local gone = {}
while redis.call('ZCARD', KEYS[1]) > tonumber(ARGV[4]) or tonumber(redis.call('GET', KEYS[3])) > tonumber(ARGV[5]) do
  local first = redis.call('ZRANGE', KEYS[1], 0, 0)[1]
  if not first then redis.call('SET', KEYS[3], 0) break end
  forget(first)
  gone[#gone + 1] = first
end
return gone
`;

/**
 * Knows what a service keeps in Redis, so that it is bounded there as it is in a process: clients decide how many entries there
 * are, and a Redis that also holds what must not be lost cannot be told to evict.
 */
export class RedisEntryIndex {
  readonly #redis: RedisClient;
  readonly #keys: readonly string[];
  readonly #bounds: EntryBounds;

  constructor(redis: RedisClient, service: string, bounds: EntryBounds) {
    this.#redis = redis;
    this.#keys = ['times', 'sizes', 'total'].map((name) => `tessera:{${service}-entries}:${name}`);
    this.#bounds = bounds;
  }

  /** Notes an entry that is being kept. @returns keys of entries that have to go for it */
  async note(key: string, value: string, ttlSeconds: number): Promise<readonly string[]> {
    const { maxEntries, maxBytes } = this.#bounds;
    const bytes = Buffer.byteLength(key) + Buffer.byteLength(value);
    const gone = await this.#redis.eval(
      noteScript,
      this.#keys.length,
      ...this.#keys,
      key,
      bytes,
      ttlSeconds,
      maxEntries,
      maxBytes,
      maxForgotten,
    );
    return Array.isArray(gone) ? gone.map(String) : [];
  }
}
