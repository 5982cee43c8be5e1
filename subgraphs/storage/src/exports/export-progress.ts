import type { PubSubSubscription } from '@tessera/service/pubsub';
import { positionOf, type ExportEntity } from './export.entity.js';

export interface ExportProgressOptions {
  /** What it is now; null once it is gone. */
  readonly read: () => Promise<ExportEntity | null>;
  /** Opens what brings something whenever it has moved. */
  readonly listen: (onGap: () => void) => PubSubSubscription;
  /** How often it is looked at although nothing was announced. */
  readonly pollIntervalMs: number;
}

type Result = IteratorResult<ExportEntity, undefined>;

const finished: IteratorReturnResult<undefined> = { done: true, value: undefined };

/**
 * An export as it is, and whenever it has moved, until it is over or gone. What happens between two looks is one change.
 *
 * Made by hand, because a generator's `return` would wait for a change that may never come.
 */
export class ExportProgress implements AsyncIterableIterator<ExportEntity, undefined, undefined> {
  readonly #options: ExportProgressOptions;
  readonly #news: PubSubSubscription;
  #seen: string | undefined;
  #isOver = false;
  #wake = Promise.withResolvers<void>();

  constructor(options: ExportProgressOptions) {
    this.#options = options;
    this.#news = options.listen(() => this.#wake.resolve());
    void this.#hear();
  }

  async next(): Promise<Result> {
    while (!this.#isOver) {
      // Taken before it is looked at: what is announced meanwhile is not missed.
      const woken = this.#wake.promise;
      const found = await this.#options.read();
      if (found === null) break;
      const state = JSON.stringify([positionOf(found), found.completedAt, found.failure]);
      if (state !== this.#seen && !this.#isOver) {
        this.#seen = state;
        if (found.completedAt !== null || found.failure !== null) this.#end();
        return { done: false, value: found };
      }
      await this.#waitFor(woken);
    }
    this.#end();
    return finished;
  }

  return(): Promise<Result> {
    this.#end();
    return Promise.resolve(finished);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async #hear(): Promise<void> {
    try {
      while ((await this.#news.next()).done !== true) this.#wake.resolve();
    } catch {
      // It fell behind, or the broker is away: it is looked at from time to time.
    }
  }

  async #waitFor(woken: Promise<void>): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const elapsed = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, this.#options.pollIntervalMs);
    });
    await Promise.race([woken, elapsed]);
    clearTimeout(timer);
    if (!this.#isOver) this.#wake = Promise.withResolvers();
  }

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#wake.resolve();
    void this.#news.close();
  }
}
