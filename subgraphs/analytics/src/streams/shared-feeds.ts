/** What a feed that several subscribers share must be able to do. */
export interface Feed {
  close(): void;
}

/** A subscriber's hold on a feed; `release` may be called again without effect. */
export interface FeedHold<F extends Feed> {
  readonly feed: F;
  release(): void;
}

interface Entry<F extends Feed> {
  readonly feed: F;
  holds: number;
}

/** One feed a tenant, opened for the first of its subscribers and closed after the last. */
export class SharedFeeds<F extends Feed> {
  readonly #entries = new Map<string, Entry<F>>();
  readonly #open: (tenantId: string) => F;

  constructor(open: (tenantId: string) => F) {
    this.#open = open;
  }

  get size(): number {
    return this.#entries.size;
  }

  hold(tenantId: string): FeedHold<F> {
    const entry = this.#entries.get(tenantId) ?? { feed: this.#open(tenantId), holds: 0 };
    this.#entries.set(tenantId, entry);
    entry.holds += 1;
    let isReleased = false;
    return {
      feed: entry.feed,
      release: () => {
        if (isReleased) return;
        isReleased = true;
        entry.holds -= 1;
        if (entry.holds > 0) return;
        if (this.#entries.get(tenantId) === entry) this.#entries.delete(tenantId);
        entry.feed.close();
      },
    };
  }

  /** The feed of a tenant, while it is open. */
  get(tenantId: string): F | undefined {
    return this.#entries.get(tenantId)?.feed;
  }

  tenantIds(): string[] {
    return [...this.#entries.keys()];
  }

  closeAll(): void {
    for (const { feed } of this.#entries.values()) feed.close();
    this.#entries.clear();
  }
}
