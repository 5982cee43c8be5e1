/** How long a value may be answered. */
export interface CacheEntryOptions {
  /** Whole seconds, at least 1. */
  readonly ttlSeconds: number;
}

/**
 * A place for strings that can be computed again.
 *
 * A cache never breaks a request: a read that fails is a miss, a write that fails is forgotten, and neither takes
 * longer than the adapter's deadline (250 ms). So nothing may live only here. Keys belong to the service that created
 * the cache; build them with `entryKey` of `@tessera/service/redis`, which puts the tenant first.
 */
export interface Cache {
  /** @returns the value, or `undefined` when it is absent, expired or not reachable */
  get(key: string): Promise<string | undefined>;
  set(key: string, value: string, options: CacheEntryOptions): Promise<void>;
  /**
   * Forgets a value.
   *
   * @returns whether the store confirmed it; after `false` the old value may be answered until its time is over
   */
  delete(key: string): Promise<boolean>;
}

/** What one read came to; the label set of `cache_hits_total` and `cache_misses_total`. */
export type CacheOutcome = 'hit' | 'miss' | 'error';

/** Called once for every read. */
export type CacheObserver = (outcome: CacheOutcome) => void;
