import type { JsonValue } from '@tessera/service/json';
import type { Logger } from '@tessera/service/logging';
import type { PubSub, PubSubSubscription } from '@tessera/service/pubsub';
import type { Feed } from '../streams/shared-feeds.js';
import { liveChannel, liveSampleSchema, type LiveSample } from './live-sample.js';
import { LiveWindow, type LiveNumbers } from './live-window.js';
import type { RecentSample } from './recent-samples.js';

export interface LiveFeedOptions {
  readonly tenantId: string;
  readonly pubSub: PubSub;
  readonly logger: Logger;
  readonly readRecent: (tenantId: string) => Promise<readonly RecentSample[]>;
}

/** One tenant's window on this instance, kept by one pub/sub subscription for all who watch. */
export class LiveFeed implements Feed {
  /** Resolves when the window knows what happened before; never rejects. */
  readonly ready: Promise<void>;
  readonly #options: LiveFeedOptions;
  readonly #window = new LiveWindow();
  #subscription: PubSubSubscription;
  /** Samples that came while the stored ones are being read, which may contain them. Undefined once that is done. */
  #early: { readonly sample: LiveSample; readonly atMs: number }[] | undefined = [];
  #isClosed = false;

  constructor(options: LiveFeedOptions) {
    this.#options = options;
    this.#subscription = this.#subscribe();
    void this.#listen();
    this.ready = this.#begin();
  }

  snapshot(): LiveNumbers {
    return this.#window.snapshot(performance.now());
  }

  close(): void {
    this.#isClosed = true;
    void this.#subscription.close();
  }

  #subscribe(): PubSubSubscription {
    return this.#options.pubSub.subscribe(liveChannel(this.#options.tenantId), { maxBufferedMessages: 10_000 });
  }

  async #listen(): Promise<void> {
    while (!this.#isClosed) {
      try {
        for await (const message of this.#subscription) this.#take(message);
        return;
      } catch (error) {
        this.#options.logger.warn({ err: error }, 'live metrics missed samples');
        if (!this.#isClosed) this.#subscription = this.#subscribe();
      }
    }
  }

  #take(message: JsonValue): void {
    const parsed = liveSampleSchema.safeParse(message);
    if (!parsed.success) {
      this.#options.logger.warn({ err: parsed.error }, 'sample of live metrics is not valid');
      return;
    }
    const atMs = performance.now();
    if (this.#early === undefined) this.#window.add(parsed.data, atMs);
    else this.#early.push({ sample: parsed.data, atMs });
  }

  /** Reads what is stored, then adds what came meanwhile and was not in it: nothing is missed and nothing counts twice. */
  async #begin(): Promise<void> {
    const { readRecent, tenantId, logger } = this.#options;
    // Without a broker there is nothing to wait for; the stored samples are better than none.
    await this.#subscription.ready.catch(() => undefined);
    const recent = await readRecent(tenantId).catch((error: unknown) => {
      logger.warn({ err: error }, 'live metrics begin without the stored samples');
      return [];
    });
    const nowMs = performance.now();
    for (const { sample, ageMs } of recent) this.#window.add(sample, nowMs - ageMs);
    const known = new Set(recent.map(({ sample }) => sample.key));
    for (const { sample, atMs } of this.#early ?? []) if (!known.has(sample.key)) this.#window.add(sample, atMs);
    this.#early = undefined;
  }
}
