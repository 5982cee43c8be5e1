import { RecentInvalidations } from './recent-invalidations.js';
import type { TaggedCache, TaggedEntry, TaggedEntryOptions, TaggedReading } from './tagged-cache.js';

export interface InProcessTaggedCacheOptions<Value> {
  /** The most entries kept; the least recently used one goes first. Default 10,000. */
  readonly maxEntries?: number;
  /** The most memory that values, keys and tags may take. Default 64 MiB. */
  readonly maxBytes?: number;
  /** What a value takes, in bytes. */
  readonly sizeOf: (value: Value) => number;
  /** Told of every entry that had to go before its time. */
  readonly onEvicted?: () => void;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

/** The adapter in this process; what stands before a shared store can be told of invalidations that happened there. */
export interface InProcessTaggedCache<Value> extends TaggedCache<Value> {
  /** Without a promise. */
  peek(key: string): TaggedEntry<Value> | undefined;
  keep(key: string, value: Value, options: TaggedEntryOptions): void;
  /** Takes over an invalidation, with the clock of the store where it happened. */
  forget(tags: readonly string[], stamp: number): void;
  clear(): void;
}

interface Kept<Value> extends TaggedEntry<Value> {
  readonly key: string;
  readonly expiresAtMs: number;
  readonly bytes: number;
}

/** What an entry takes beside its texts. */
const entryOverheadBytes = 200;

/** Creates a {@link TaggedCache} in this process's memory: bounded, least recently used out first. */
export function createInProcessTaggedCache<Value>(
  options: InProcessTaggedCacheOptions<Value>,
): InProcessTaggedCache<Value> {
  const { maxEntries = 10_000, maxBytes = 64 * 1024 * 1024, sizeOf, onEvicted, now = Date.now } = options;
  const entries = new Map<string, Kept<Value>>();
  const byTag = new Map<string, Set<Kept<Value>>>();
  const recent = new RecentInvalidations();
  let usedBytes = 0;
  let clock = 0;

  function remove(entry: Kept<Value>): void {
    entries.delete(entry.key);
    usedBytes -= entry.bytes;
    for (const tag of entry.tags) {
      const tagged = byTag.get(tag);
      tagged?.delete(entry);
      if (tagged?.size === 0) byTag.delete(tag);
    }
  }

  function evict(): void {
    for (const entry of entries.values()) {
      if (entries.size <= maxEntries && usedBytes <= maxBytes) return;
      remove(entry);
      onEvicted?.();
    }
  }

  function peek(key: string): TaggedEntry<Value> | undefined {
    const entry = entries.get(key);
    if (entry === undefined) return undefined;
    if (entry.expiresAtMs <= now()) {
      remove(entry);
      return undefined;
    }
    entries.delete(key);
    entries.set(key, entry);
    return entry;
  }

  function keep(key: string, value: Value, { tags, ttlSeconds, stamp }: TaggedEntryOptions): void {
    const known = entries.get(key);
    if (recent.outdates(tags, stamp) || (known !== undefined && known.stamp > stamp)) return;
    if (known !== undefined) remove(known);
    const bytes = sizeOf(value) + key.length + tags.reduce((sum, tag) => sum + tag.length, 0) + entryOverheadBytes;
    if (bytes > maxBytes) return;
    const entry = { key, value, tags, stamp, bytes, expiresAtMs: now() + ttlSeconds * 1_000 };
    entries.set(key, entry);
    usedBytes += bytes;
    for (const tag of tags) {
      const tagged = byTag.get(tag);
      if (tagged === undefined) byTag.set(tag, new Set([entry]));
      else tagged.add(entry);
    }
    evict();
  }

  function forget(tags: readonly string[], stamp: number): void {
    recent.add(tags, stamp);
    for (const tag of tags) for (const entry of byTag.get(tag) ?? []) if (entry.stamp < stamp) remove(entry);
  }

  return {
    peek,
    keep,
    forget,
    async read(keys): Promise<TaggedReading<Value>> {
      return { entries: keys.map(peek), stamp: clock };
    },
    async set(key, value, entryOptions) {
      keep(key, value, entryOptions);
    },
    async invalidate(tags) {
      clock += 1;
      forget(tags, clock);
      return clock;
    },
    clear() {
      for (const entry of [...entries.values()]) remove(entry);
    },
  };
}
