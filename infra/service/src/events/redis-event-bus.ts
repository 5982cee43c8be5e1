import { AppError } from '../errors/index.js';
import type { Lifecycle } from '../lifecycle/index.js';
import type { Logger } from '../logging/index.js';
import { createRedis, eventStreamKey } from '../redis/index.js';
import type { DomainEvent } from './domain-event.js';
import { closeOnAbort } from './close-on-abort.js';
import type { EventBus, EventConsumer, EventSubscription } from './event-bus.js';
import { StreamCapacity } from './stream-capacity.js';
import { startStreamConsumer } from './stream-consumer.js';
import { eventField } from './stream-reply.js';
import { defaultStreamSettings, type StreamSettings } from './stream-settings.js';

export interface RedisEventBusOptions {
  readonly url: string;
  readonly logger: Logger;
  readonly lifecycle: Pick<Lifecycle, 'defer'>;
  readonly settings?: Partial<StreamSettings>;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

/** Deadline of one command; longer than elsewhere, for a lost reply means that an event is delivered twice. */
const commandTimeoutMs = 5_000;

/**
 * Creates the {@link EventBus} over one Redis stream and a consumer group per service.
 *
 * "Accepted" is as durable as the Redis: with `appendonly yes` and `appendfsync always` an accepted event survives a
 * crash of the machine, with `everysec` a crash of the process. Behind Sentinels or in a cluster, a failover may lose
 * what its replica had not received; `min-replicas-to-write 1` narrows that.
 */
export function createRedisEventBus(options: RedisEventBusOptions): EventBus {
  const { url, logger, lifecycle, now = Date.now } = options;
  const settings = { ...defaultStreamSettings, ...options.settings };
  const redis = createRedis(url, { logger, lifecycle, name: 'events', commandTimeoutMs });
  const capacity = new StreamCapacity(redis, logger, settings, now);
  const consumers = new Set<string>();

  return {
    async publish(events: readonly DomainEvent[]): Promise<void> {
      try {
        await capacity.assertRoom();
        await Promise.all(events.map((event) => redis.xadd(eventStreamKey, '*', eventField, JSON.stringify(event))));
      } catch (error) {
        if (error instanceof AppError) throw error;
        throw new AppError('OVERLOADED', 'Events were not accepted', { cause: error });
      }
    },
    isAway: () => redis.status !== 'ready',
    subscribe(subscription: EventSubscription): EventConsumer {
      const { consumer: name, signal } = subscription;
      if (consumers.has(name)) {
        throw new AppError('INTERNAL_SERVER_ERROR', `Event consumer ${name} is already subscribed`);
      }
      consumers.add(name);
      const blocking = createRedis(url, { logger, lifecycle, name: `events-${name}`, commandTimeoutMs: undefined });
      const started = startStreamConsumer({ subscription, redis, blocking, logger, settings });
      let closing: Promise<void> | undefined;
      const close = (): Promise<void> => {
        closing ??= started.close().finally(() => consumers.delete(name));
        return closing;
      };
      closeOnAbort(signal, close);
      lifecycle.defer(`event consumer ${name}`, close);
      return { close };
    },
  };
}
