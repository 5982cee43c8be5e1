import type { Cache, CacheEntryOptions, CacheObserver } from './cache.js';

export interface InProcessCacheOptions {
  /** The most entries kept; the least recently used one goes first. Default 10,000. */
  readonly maxEntries?: number;
  /** The most memory that keys and values may take, counted as two bytes a character. Default 64 MiB. */
  readonly maxBytes?: number;
  readonly observe?: CacheObserver;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

interface Entry {
  readonly value: string;
  readonly expiresAtMs: number;
  readonly bytes: number;
}

const noObserver: CacheObserver = () => undefined;

/** Creates a {@link Cache} in this process's memory: bounded, least recently used out first, expired entries never answered. */
export function createInProcessCache(options: InProcessCacheOptions = {}): Cache {
  const { maxEntries = 10_000, maxBytes = 64 * 1024 * 1024, observe = noObserver, now = Date.now } = options;
  // A Map keeps insertion order, so re-inserting on use makes its first key the least recently used one.
  const entries = new Map<string, Entry>();
  let usedBytes = 0;

  const remove = (key: string): void => {
    const entry = entries.get(key);
    if (entry === undefined) return;
    entries.delete(key);
    usedBytes -= entry.bytes;
  };

  const evict = (): void => {
    for (const key of entries.keys()) {
      if (entries.size <= maxEntries && usedBytes <= maxBytes) return;
      remove(key);
    }
  };

  return {
    async get(key: string): Promise<string | undefined> {
      const entry = entries.get(key);
      if (entry === undefined || entry.expiresAtMs <= now()) {
        remove(key);
        observe('miss');
        return undefined;
      }
      entries.delete(key);
      entries.set(key, entry);
      observe('hit');
      return entry.value;
    },
    async set(key: string, value: string, { ttlSeconds }: CacheEntryOptions): Promise<void> {
      remove(key);
      const bytes = 2 * (key.length + value.length);
      entries.set(key, { value, bytes, expiresAtMs: now() + ttlSeconds * 1_000 });
      usedBytes += bytes;
      evict();
    },
    async delete(key: string): Promise<boolean> {
      remove(key);
      return true;
    },
  };
}
