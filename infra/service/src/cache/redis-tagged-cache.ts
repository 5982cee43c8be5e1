import { withDeadline } from '../deadline/index.js';
import type { Logger } from '../logging/index.js';
import type { RedisClient } from '../redis/index.js';
import { FailureGate } from './failure-gate.js';
import { invalidateScript, keepScript } from './tagged-scripts.js';
import type { TaggedCache, TaggedCodec, TaggedEntry, TaggedReading } from './tagged-cache.js';

export interface RedisTaggedCacheOptions<Value> {
  readonly redis: RedisClient;
  readonly service: string;
  /** Kinds of values of one service share clock and tags, and have entries of their own. */
  readonly kind: string;
  readonly codec: TaggedCodec<Value>;
  readonly logger: Logger;
  /** Deadline of every operation. Default 100 ms. */
  readonly timeoutMs?: number;
  /** How long tags are remembered: longer than any value is kept. Default two days. */
  readonly tagTtlSeconds?: number;
}

interface Head {
  readonly tags: readonly string[];
  readonly stamp: number;
}

const twoDaysSeconds = 172_800;
const nothing: TaggedReading<never> = { entries: [], stamp: undefined };

/**
 * Creates a {@link TaggedCache} that all instances of a service share in Redis.
 *
 * A tag that Redis has lost (evicted, failed over) makes its entries invalid: to forget an invalidation would be worse
 * than to forget a value. All keys of one service stand in one slot of a cluster, for scripts must see them together.
 */
export function createRedisTaggedCache<Value>(options: RedisTaggedCacheOptions<Value>): TaggedCache<Value> {
  const { redis, service, kind, codec, logger, timeoutMs = 100, tagTtlSeconds = twoDaysSeconds } = options;
  const prefix = `tessera:{${service}-cache}`;
  const clockKey = `${prefix}:clock`;
  const entryKey = (key: string): string => `${prefix}:${kind}:${key}`;
  const tagKey = (tag: string): string => `${prefix}:tag:${tag}`;
  const gate = new FailureGate((error) => logger.warn({ err: error, kind }, 'the shared cache is not reachable'));

  const attempt = <T>(work: () => Promise<T>): Promise<T | undefined> =>
    gate.attempt(() => withDeadline(work(), timeoutMs, 'The shared cache'));

  async function readAll(keys: readonly string[]): Promise<TaggedReading<Value>> {
    const [clock, ...texts] = await redis.mget(clockKey, ...keys.map(entryKey));
    const entries = texts.map((text) => (text == null ? undefined : parseEntry(text, codec)));
    const tags = [...new Set(entries.flatMap((entry) => entry?.tags ?? []))];
    const stamps = tags.length === 0 ? [] : await redis.mget(...tags.map(tagKey));
    const stampOf = new Map(tags.map((tag, index) => [tag, stamps[index]]));
    const isValid = (entry: TaggedEntry<Value>): boolean =>
      entry.tags.every((tag) => Number(stampOf.get(tag) ?? Number.POSITIVE_INFINITY) <= entry.stamp);
    return {
      entries: entries.map((entry) => (entry !== undefined && isValid(entry) ? entry : undefined)),
      stamp: Number(clock ?? 0),
    };
  }

  return {
    async read(keys) {
      return (await attempt(() => readAll(keys))) ?? { ...nothing, entries: keys.map(() => undefined) };
    },
    async set(key, value, { tags, ttlSeconds, stamp }) {
      const head: Head = { tags, stamp };
      const text = `${JSON.stringify(head)}\n${codec.encode(value)}`;
      const keys = [entryKey(key), ...tags.map(tagKey)];
      await attempt(() => redis.eval(keepScript, keys.length, ...keys, text, ttlSeconds, stamp, tagTtlSeconds));
    },
    async invalidate(tags) {
      const keys = [clockKey, ...tags.map(tagKey)];
      const stamp = await attempt(() => redis.eval(invalidateScript, keys.length, ...keys, tagTtlSeconds));
      return stamp === undefined ? undefined : Number(stamp);
    },
  };
}

function parseEntry<Value>(text: string, codec: TaggedCodec<Value>): TaggedEntry<Value> | undefined {
  const end = text.indexOf('\n');
  try {
    const { tags, stamp } = JSON.parse(text.slice(0, end)) as Head;
    const value = codec.decode(text.slice(end + 1));
    return value === undefined ? undefined : { value, tags, stamp };
  } catch {
    return undefined;
  }
}
