import type { Redis } from 'ioredis';
import type { Lifecycle } from '../lifecycle/index.js';
import type { Logger } from '../logging/index.js';
import { openSingleConnection } from './open-single-connection.js';
import { reconnectDelayMs } from './redis-options.js';

/** What a {@link RotatingConnection} needs. */
export interface RotatingConnectionOptions {
  readonly url: string;
  /** What the connection is for: shown by `CLIENT LIST` and in log lines. */
  readonly name: string;
  readonly logger: Logger;
  readonly lifecycle: Pick<Lifecycle, 'defer'>;
  /** Called after every connect, before the connection is given out. A rejection ends it. */
  readonly onConnected?: (redis: Redis) => Promise<void>;
  /** Called when a connection has ended that was given out. */
  readonly onLost?: () => void;
  readonly onMessage?: (channel: string, text: string) => void;
}

/** How often a silent connection is asked for a sign of life: a half-open socket says nothing by itself. */
const heartbeatIntervalMs = 5_000;

/**
 * Keeps one connection to one server open: when it is lost, another takes its place, in a cluster at another node.
 * Made for pub/sub, where a cluster's nodes pass every message on: only one connection to one node keeps the order of
 * messages, and only whoever opens the connection knows when messages were missed.
 */
export class RotatingConnection {
  readonly #options: RotatingConnectionOptions;
  #redis: Redis | undefined;
  #timer: NodeJS.Timeout | undefined;
  #opened = 0;
  #failures = 0;
  #closed = false;

  constructor(options: RotatingConnectionOptions) {
    this.#options = options;
    options.lifecycle.defer(`redis ${options.name}`, () => this.#close());
    this.#open();
  }

  /** The connection, when it can take commands. */
  get ready(): Redis | undefined {
    return this.#redis?.status === 'ready' ? this.#redis : undefined;
  }

  /** Gives the present connection up, so that a new one replaces it. */
  reset(): void {
    this.#redis?.disconnect();
  }

  #close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    // Disconnecting what has ended already would leave a timer of two seconds behind.
    if (this.#redis?.status !== 'end') this.#redis?.disconnect();
  }

  #open(): void {
    const { url, name, onConnected, onLost, onMessage, logger } = this.#options;
    const redis = openSingleConnection(url, name, this.#opened);
    this.#opened += 1;
    this.#redis = redis;
    redis.on('error', (error: Error) => logger.warn({ err: error, redis: name }, 'Redis connection failed'));
    if (onMessage !== undefined) redis.on('message', onMessage);
    redis.once('end', () => this.#reopen());
    redis.once('ready', () => {
      Promise.resolve(onConnected?.(redis)).then(
        () => {
          this.#failures = 0;
          if (onLost !== undefined && !this.#closed) redis.once('end', onLost);
          this.#beat(redis);
        },
        (error: unknown) => {
          logger.warn({ err: error, redis: name }, 'setting up a Redis connection failed');
          redis.disconnect();
        },
      );
    });
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
