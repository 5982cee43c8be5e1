import type {
  InProcessTaggedCache,
  TaggedCache,
  TaggedEntry,
  TaggedEntryOptions,
  TaggedReading,
} from '@tessera/service/cache';
import type { CacheKey } from '../cache-key.js';

/** Values of one kind, kept for later. There is no way in or out but by a key that says whose they are. */
export interface KeptValues<Value> {
  /** Looks in this process's memory alone, as far as it is to be believed. */
  peek(key: CacheKey): TaggedEntry<Value> | undefined;
  /** As `TaggedCache.read`; the stamp is undefined as well where all was found in this process's memory. */
  read(keys: readonly CacheKey[]): Promise<TaggedReading<Value>>;
  /** The clock of invalidations; undefined where nothing that begins now may be kept. */
  stamp(): Promise<number | undefined>;
  /** Keeps a value; nobody waits for it. */
  set(key: CacheKey, value: Value, options: TaggedEntryOptions): void;
}

export interface KeptValuesOptions<Value> {
  readonly memory: InProcessTaggedCache<Value>;
  /** What all gateways share; without it this process's memory is all there is. */
  readonly shared?: TaggedCache<Value> | undefined;
  /** How long this process's memory is believed before the shared store is asked again. */
  readonly maxMemorySeconds: number;
  /** Whether invalidations of other gateways are heard of. */
  readonly isLive: () => boolean;
}

/** Puts this process's memory before the shared store: it is believed for a short time, and only while news come in. */
export function createKeptValues<Value>(options: KeptValuesOptions<Value>): KeptValues<Value> {
  const { memory, shared, maxMemorySeconds, isLive } = options;
  if (shared === undefined) {
    return {
      peek: (key) => memory.peek(key.text),
      read: (keys) => memory.read(keys.map((key) => key.text)),
      stamp: async () => (await memory.read([])).stamp,
      set: (key, value, entry) => memory.keep(key.text, value, entry),
    };
  }

  async function readShared(
    keys: readonly CacheKey[],
    found: TaggedReading<Value>['entries'],
    store: TaggedCache<Value>,
  ): Promise<TaggedReading<Value>> {
    const all = [...found];
    const missing = keys.flatMap((key, index) => (found[index] === undefined ? [{ key, index }] : []));
    const { entries, stamp } = await store.read(missing.map(({ key }) => key.digest));
    for (const [position, { key, index }] of missing.entries()) {
      const entry = entries[position];
      if (entry === undefined) continue;
      all[index] = entry;
      if (isLive()) memory.keep(key.text, entry.value, { ...entry, ttlSeconds: maxMemorySeconds });
    }
    return { entries: all, stamp };
  }

  const peek = (key: CacheKey): TaggedEntry<Value> | undefined => (isLive() ? memory.peek(key.text) : undefined);

  return {
    peek,
    async read(keys) {
      const found = keys.map(peek);
      if (found.every((entry) => entry !== undefined)) return { entries: found, stamp: undefined };
      return readShared(keys, found, shared);
    },
    stamp: async () => (await shared.read([])).stamp,
    set(key, value, entry) {
      if (isLive()) {
        memory.keep(key.text, value, { ...entry, ttlSeconds: Math.min(entry.ttlSeconds, maxMemorySeconds) });
      }
      void shared.set(key.digest, value, entry);
    },
  };
}
