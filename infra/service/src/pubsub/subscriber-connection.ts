import type { Redis } from 'ioredis';
import type { Logger } from '../logging/index.js';
import { reconnectDelayMs } from '../redis/index.js';

export interface SubscriberConnectionOptions {
  readonly logger: Logger;
  /** Opens a connection that does not reconnect by itself. */
  readonly open: (attempt: number) => Redis;
  /** Called after every connect: subscribes to all that is wanted. A rejection ends the connection. */
  readonly onConnected: (redis: Redis) => Promise<void>;
  readonly onMessage: (channel: string, text: string) => void;
}

/** How often a silent connection is asked for a sign of life: a half-open socket says nothing by itself. */
const heartbeatIntervalMs = 5_000;

/** Keeps one subscribing connection open, one after the other, until it is closed. */
export class SubscriberConnection {
  readonly #options: SubscriberConnectionOptions;
  #redis: Redis | undefined;
  #timer: NodeJS.Timeout | undefined;
  #opened = 0;
  #failures = 0;
  #closed = false;

  constructor(options: SubscriberConnectionOptions) {
    this.#options = options;
    this.#open();
  }

  /** The connection, when it is ready for commands. */
  get ready(): Redis | undefined {
    return this.#redis?.status === 'ready' ? this.#redis : undefined;
  }

  /** Gives the present connection up, so that a new one replaces it. */
  reset(): void {
    this.#redis?.disconnect();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#redis?.disconnect();
  }

  #open(): void {
    const { open, onConnected, onMessage, logger } = this.#options;
    const redis = open(this.#opened);
    this.#opened += 1;
    this.#redis = redis;
    redis.on('error', (error: Error) => logger.warn({ err: error }, 'Redis subscriber connection failed'));
    redis.on('message', onMessage);
    redis.once('ready', () => {
      onConnected(redis).then(
        () => {
          this.#failures = 0;
          this.#beat(redis);
        },
        (error: unknown) => {
          logger.warn({ err: error }, 'subscribing failed');
          redis.disconnect();
        },
      );
    });
    redis.once('end', () => this.#reopen());
  }

  #reopen(): void {
    clearTimeout(this.#timer);
    if (this.#closed) return;
    this.#failures += 1;
    this.#timer = setTimeout(() => this.#open(), reconnectDelayMs(this.#failures));
  }

  #beat(redis: Redis): void {
    if (redis !== this.#redis || redis.status !== 'ready') return;
    this.#timer = setTimeout(() => {
      redis.ping().then(
        () => this.#beat(redis),
        () => redis.disconnect(),
      );
    }, heartbeatIntervalMs);
  }
}
