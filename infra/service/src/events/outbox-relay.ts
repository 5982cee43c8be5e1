import { setTimeout as pause } from 'node:timers/promises';
import { createRequire } from 'node:module';
import type { Client } from 'pg';
import type { Lifecycle } from '../lifecycle/index.js';
import type { Logger } from '../logging/index.js';
import type { EventBus } from './event-bus.js';
import { relayBatch } from './outbox-batch.js';

export interface OutboxRelayOptions {
  /**
   * The publisher's own database. The relay keeps one connection; through PgBouncer in transaction mode no notification
   * arrives, and the poll alone drives it.
   */
  readonly connectionString: string;
  readonly bus: EventBus;
  readonly logger: Logger;
  readonly lifecycle: Pick<Lifecycle, 'defer'>;
  /** How often the outbox is looked at without having been notified. Default 1,000 ms. */
  readonly pollIntervalMs?: number;
  /** How many events one transaction publishes. Default 100. */
  readonly batchSize?: number;
}

/** A running relay. */
export interface OutboxRelay {
  /** Finishes the batch in hand, then ends. Idempotent, never rejects. */
  close(): Promise<void>;
}

const longestRetryMs = 5_000;
/** How often a bus that is away is looked at: what waits for it is published as soon as it is back. */
const awayIntervalMs = 100;

/**
 * Starts moving events from the outbox to the event bus. Any number of instances may run at once; none publishes what
 * another one is publishing. It outlives the loss of its database connection, and the bus being away.
 */
export function startOutboxRelay(options: OutboxRelayOptions): OutboxRelay {
  const { bus, logger, lifecycle, pollIntervalMs = 1_000, batchSize = 100 } = options;
  const closing = new AbortController();
  let failures = 0;

  const serve = async (client: Client): Promise<void> => {
    let notified = false;
    let wake = (): void => undefined;
    const awaken = (): void => {
      notified = true;
      wake();
    };
    client.on('notification', awaken);
    client.on('end', awaken);
    closing.signal.addEventListener('abort', awaken, { once: true });
    client.once('end', () => closing.signal.removeEventListener('abort', awaken));
    await client.connect();
    await client.query('listen outbox');
    while (!closing.signal.aborted) {
      // Cleared before the batch, so that what arrives during it counts for the next one.
      notified = false;
      const isAway = bus.isAway?.() === true;
      // What is not tried is not postponed either, and a bus that is away costs the database nothing.
      const taken = isAway ? 0 : await relayBatch(client, bus, logger, batchSize);
      failures = 0;
      if (taken === batchSize || (notified && !isAway)) continue;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, isAway ? awayIntervalMs : pollIntervalMs);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  };

  const run = async (): Promise<void> => {
    while (!closing.signal.aborted) {
      const client = createClient(options.connectionString);
      // Without a listener a connection that is lost while idle would end the process.
      client.on('error', (error) => logger.debug({ err: error }, 'outbox connection reported an error'));
      try {
        await serve(client);
      } catch (error) {
        failures += 1;
        logger.warn({ err: error }, 'relaying the outbox was interrupted');
        const delayMs = Math.min(50 * 2 ** failures, longestRetryMs) * (0.5 + Math.random() / 2);
        await pause(delayMs, undefined, { signal: closing.signal }).catch(() => undefined);
      } finally {
        await client.end().catch((error: unknown) => logger.debug({ err: error }, 'ending a lost connection failed'));
      }
    }
  };

  const running = run();
  const close = async (): Promise<void> => {
    closing.abort();
    await running;
  };
  lifecycle.defer('outbox relay', close);
  return { close };
}

/** Loaded where there is a database: who only publishes over Redis has none. */
const load = createRequire(import.meta.url);

function createClient(connectionString: string): Client {
  const { Client } = load('pg') as typeof import('pg');
  return new Client({
    connectionString,
    application_name: 'tessera outbox relay',
    connectionTimeoutMillis: 5_000,
    query_timeout: 10_000,
    keepAlive: true,
  });
}
