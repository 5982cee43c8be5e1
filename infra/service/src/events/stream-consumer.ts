import { setTimeout as pause } from 'node:timers/promises';
import { v7 as uuidV7 } from 'uuid';
import { withDeadline } from '../deadline/index.js';
import type { Logger } from '../logging/index.js';
import { reconnectDelayMs, waitForRedis, type RedisClient } from '../redis/index.js';
import type { EventConsumer, EventSubscription } from './event-bus.js';
import { StreamDelivery } from './stream-delivery.js';
import { StreamGroup } from './stream-group.js';
import type { StreamSettings } from './stream-settings.js';

export interface StreamConsumerOptions {
  readonly subscription: EventSubscription;
  /** For commands that answer at once. */
  readonly redis: RedisClient;
  /** For the one that waits. The consumer closes it. */
  readonly blocking: RedisClient;
  readonly logger: Logger;
  readonly settings: StreamSettings;
}

const batchSize = 100;
const longestBlockMs = 5_000;
const connectTimeoutMs = 10_000;

/** Starts reading the stream as one member of the consumer's group, until it is closed. */
export function startStreamConsumer(options: StreamConsumerOptions): EventConsumer {
  const { subscription, redis, blocking, logger: parentLogger, settings } = options;
  const logger = parentLogger.child({ consumer: subscription.consumer });
  const closing = new AbortController();
  const group = new StreamGroup(redis, subscription.consumer, uuidV7());
  const delivery = new StreamDelivery({ subscription, group, logger, settings, closed: closing.signal });
  const redeliveryIntervalMs = settings.redeliverAfterMs / 2;
  const blockMs = Math.round(Math.min(longestBlockMs, redeliveryIntervalMs));
  let nextRedeliveryAtMs = 0;
  let failures = 0;

  const turn = async (): Promise<void> => {
    await waitForRedis(redis, connectTimeoutMs, closing.signal);
    await waitForRedis(blocking, connectTimeoutMs, closing.signal);
    if (performance.now() >= nextRedeliveryAtMs) {
      nextRedeliveryAtMs = performance.now() + redeliveryIntervalMs;
      await delivery.redeliver();
      await group.forgetMembers(settings.forgetMemberAfterMs);
    }
    const entries = await readOrReconnect(group, blocking, blockMs);
    failures = 0;
    await delivery.deliver(entries);
  };

  const recover = async (error: unknown): Promise<void> => {
    if ((error as Error).message.startsWith('NOGROUP')) {
      // Its first start, or Redis came back without its data.
      const created = await group.create().then(
        () => true,
        () => false,
      );
      nextRedeliveryAtMs = 0;
      if (created) return;
    }
    logger.warn({ err: error }, 'reading events failed');
    failures += 1;
    await pause(reconnectDelayMs(failures), undefined, { signal: closing.signal }).catch(() => undefined);
  };

  const run = async (): Promise<void> => {
    while (!closing.signal.aborted) {
      try {
        await turn();
      } catch (error) {
        if (!closing.signal.aborted) await recover(error);
      }
    }
  };

  const running = run();
  const close = async (): Promise<void> => {
    closing.abort();
    blocking.disconnect();
    await running;
  };
  return { close };
}

/** Reads, and replaces a connection on which not even the empty answer comes. */
async function readOrReconnect(group: StreamGroup, blocking: RedisClient, blockMs: number) {
  let answered = false;
  const reading = group.read(blocking, batchSize, blockMs).finally(() => (answered = true));
  try {
    return await withDeadline(reading, blockMs + 2_000, 'Reading events');
  } catch (error) {
    if (!answered) blocking.disconnect(true);
    throw error;
  }
}
