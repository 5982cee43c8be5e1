/** What is kept, and what it was found under. */
export interface TaggedEntry<Value> {
  readonly value: Value;
  readonly tags: readonly string[];
  /** When the reading of what it was made of began, on the cache's clock. */
  readonly stamp: number;
}

/** What one read found. */
export interface TaggedReading<Value> {
  /** One for each key; `undefined` for what is absent, expired, invalidated or not reachable. */
  readonly entries: readonly (TaggedEntry<Value> | undefined)[];
  /**
   * The cache's clock at this read, for what is computed from now on; `undefined` where it could not be read, and then
   * nothing that is computed now may be kept.
   */
  readonly stamp: number | undefined;
}

export interface TaggedEntryOptions {
  /** What the value was made of: it is invalid as soon as one of them is invalidated. */
  readonly tags: readonly string[];
  /** Whole seconds, at least 1. */
  readonly ttlSeconds: number;
  /** Of the read that came before the value was computed. */
  readonly stamp: number;
}

/**
 * A cache whose entries can be invalidated by what they were made of.
 *
 * Nothing old survives an invalidation, however late it is written: each value carries the clock of before it was computed,
 * each tag the clock of its last invalidation, and a value is valid only while no tag of it is newer. As with `Cache`, a
 * read that fails is a miss, a write that fails is forgotten, and neither takes longer than the adapter's deadline.
 */
export interface TaggedCache<Value> {
  read(keys: readonly string[]): Promise<TaggedReading<Value>>;
  set(key: string, value: Value, options: TaggedEntryOptions): Promise<void>;
  /**
   * Invalidates every value with one of the tags, those too that are being computed now.
   *
   * @returns the clock of the invalidation; `undefined` where the store did not confirm it
   */
  invalidate(tags: readonly string[]): Promise<number | undefined>;
}

/** How values travel to a store outside this process. */
export interface TaggedCodec<Value> {
  encode(value: Value): string;
  /** @returns undefined for a text that is none of ours */
  decode(text: string): Value | undefined;
}
