const defaultMaxTags = 10_000;

/** Remembers when tags were last invalidated, for as long as something from before may still be under way. */
export class RecentInvalidations {
  readonly #maxTags: number;
  /** Tag -> clock; the oldest stand first. */
  readonly #stamps = new Map<string, number>();
  /** What was forgotten is not newer than this. */
  #floor = 0;

  /** @param maxTags where there are more, the oldest are forgotten, and with them everything that began before */
  constructor(maxTags = defaultMaxTags) {
    this.#maxTags = maxTags;
  }

  add(tags: readonly string[], stamp: number): void {
    for (const tag of tags) {
      const known = this.#stamps.get(tag) ?? 0;
      this.#stamps.delete(tag);
      this.#stamps.set(tag, Math.max(known, stamp));
    }
    for (const [tag, oldest] of this.#stamps) {
      if (this.#stamps.size <= this.#maxTags) return;
      this.#stamps.delete(tag);
      this.#floor = Math.max(this.#floor, oldest);
    }
  }

  /** Whether a value that was begun at `stamp` is older than an invalidation of one of its tags. */
  outdates(tags: readonly string[], stamp: number): boolean {
    if (stamp < this.#floor) return true;
    return tags.some((tag) => (this.#stamps.get(tag) ?? 0) > stamp);
  }
}
