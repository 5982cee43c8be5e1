import type { Logger } from '@tessera/service/logging';
import type { PubSub, PubSubSubscription } from '@tessera/service/pubsub';
import { PushStream } from '../streams/push-stream.js';
import type { Feed } from '../streams/shared-feeds.js';
import { alertChannel, type AlertChange } from './alert-change.js';
import { AlertChanges } from './alert-changes.js';

export interface AlertFeedOptions {
  readonly tenantId: string;
  readonly pubSub: PubSub;
  readonly logger: Logger;
  readonly readSequence: (tenantId: string) => Promise<number>;
  readonly readChanges: (tenantId: string, afterSequence: number, limit: number) => Promise<readonly AlertChange[]>;
}

const pageSize = 500;
const maxBufferedChanges = 1_000;

/**
 * One tenant's changes of alerts, for all subscribers of this instance. The database holds the truth: a message, a gap in
 * the messages or the regular look at the sequence only say when to read on.
 */
export class AlertFeed implements Feed {
  /** Resolves when every change from now on will be delivered; rejects when the database cannot be read. */
  readonly ready: Promise<void>;
  readonly #options: AlertFeedOptions;
  readonly #streams = new Set<PushStream<AlertChange>>();
  #subscription: PubSubSubscription;
  #position = 0;
  #tail: Promise<void>;
  #isReadWaiting = false;
  #isClosed = false;

  constructor(options: AlertFeedOptions) {
    this.#options = options;
    this.#subscription = this.#subscribe();
    this.ready = this.#begin();
    this.#tail = this.ready.catch(() => undefined);
    void this.#listen();
  }

  /**
   * @param onEnd called once, when the subscriber has gone
   * @param afterSequence where the subscriber was; default: it begins now
   */
  subscribe(onEnd: () => void, afterSequence = this.#position): AlertChanges {
    const { tenantId, readChanges } = this.#options;
    const live = this.#listenFor(onEnd);
    return new AlertChanges({
      live,
      afterSequence,
      liveAfterSequence: this.#position,
      readChanges: (after) => readChanges(tenantId, after, pageSize),
    });
  }

  #listenFor(onEnd: () => void): PushStream<AlertChange> {
    const stream: PushStream<AlertChange> = new PushStream(maxBufferedChanges, () => {
      this.#streams.delete(stream);
      onEnd();
    });
    this.#streams.add(stream);
    return stream;
  }

  /** How far the changes went that this feed has delivered. */
  get position(): number {
    return this.#position;
  }

  /** Reads on when the tenant's changes go further than this feed has delivered. */
  notice(sequence: number): void {
    if (sequence > this.#position) this.#catchUp();
  }

  close(): void {
    this.#isClosed = true;
    void this.#subscription.close();
  }

  async #begin(): Promise<void> {
    await this.#subscription.ready.catch(() => undefined);
    this.#position = await this.#options.readSequence(this.#options.tenantId);
  }

  #subscribe(): PubSubSubscription {
    const { pubSub, tenantId } = this.#options;
    return pubSub.subscribe(alertChannel(tenantId), { onGap: () => this.#catchUp() });
  }

  async #listen(): Promise<void> {
    while (!this.#isClosed) {
      try {
        while ((await this.#subscription.next()).done !== true) this.#catchUp();
        return;
      } catch (error) {
        this.#options.logger.warn({ err: error }, 'announcements of alerts were missed');
        if (this.#isClosed) return;
        this.#subscription = this.#subscribe();
        this.#catchUp();
      }
    }
  }

  /** One read at a time, and one more for whatever is announced meanwhile. */
  #catchUp(): void {
    if (this.#isReadWaiting) return;
    this.#isReadWaiting = true;
    this.#tail = this.#tail.then(() => this.#readOn());
  }

  async #readOn(): Promise<void> {
    this.#isReadWaiting = false;
    const { readChanges, tenantId, logger } = this.#options;
    try {
      for (let isMore = true; isMore && !this.#isClosed;) {
        const changes = await readChanges(tenantId, this.#position, pageSize);
        for (const change of changes) {
          for (const stream of this.#streams) stream.push(change);
          this.#position = change.sequence;
        }
        isMore = changes.length === pageSize;
      }
    } catch (error) {
      // The next announcement, or the next look at the sequence, tries again.
      logger.warn({ err: error }, 'changes of alerts could not be read');
    }
  }
}
