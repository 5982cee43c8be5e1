import { AppError } from '../errors/index.js';
import type { Logger } from '../logging/index.js';
import { closeOnAbort } from './close-on-abort.js';
import { ConsumerQueue } from './consumer-queue.js';
import type { DomainEvent } from './domain-event.js';
import type { EventBus, EventConsumer, EventSubscription } from './event-bus.js';

export interface InProcessEventBusOptions {
  readonly logger: Logger;
  /**
   * Consumers that belong to this process. While one of them is not subscribed (start and stop take time), publishing
   * is refused, so that events stay in the outbox instead of passing a consumer by.
   */
  readonly expectedConsumers?: readonly string[];
  /** How long one handler may take before its event counts as failed. Default 30 s. */
  readonly handlerTimeoutMs?: number;
}

/**
 * Creates the event bus that all services of one process share in local mode.
 *
 * There is no store in between: `publish` resolves when every consumer has handled the events, so the publisher's
 * outbox is what makes them durable. A failed handler rejects `publish`; on the next try, consumers that had succeeded
 * are not called again as long as this process remembers.
 */
export function createInProcessEventBus(options: InProcessEventBusOptions): EventBus {
  const { logger, expectedConsumers = [], handlerTimeoutMs = 30_000 } = options;
  const consumers = new Map<string, ConsumerQueue>();

  const deliver = async (event: DomainEvent): Promise<void> => {
    const takers = [...consumers.values()].filter((consumer) => consumer.wants(event.type));
    const results = await Promise.allSettled(takers.map((consumer) => consumer.deliver(event)));
    const failures = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []));
    if (failures.length === 0) return;
    for (const error of failures) {
      logger.error({ err: error, eventId: event.id, eventType: event.type }, 'handling an event failed');
    }
    throw new AppError('OVERLOADED', 'Event was not handled by all its consumers', { cause: failures[0] });
  };

  return {
    async publish(events: readonly DomainEvent[]): Promise<void> {
      const absent = expectedConsumers.filter((name) => !consumers.has(name));
      if (absent.length > 0) {
        throw new AppError('OVERLOADED', 'Event consumers are not all running', { details: { absent } });
      }
      const results = await Promise.allSettled(events.map((event) => deliver(event)));
      const failed = results.find((result) => result.status === 'rejected');
      if (failed !== undefined) throw failed.reason as Error;
    },
    subscribe(subscription: EventSubscription): EventConsumer {
      const { consumer: name, signal } = subscription;
      if (consumers.has(name)) {
        throw new AppError('INTERNAL_SERVER_ERROR', `Event consumer ${name} is already subscribed`);
      }
      const queue = new ConsumerQueue(subscription, handlerTimeoutMs);
      consumers.set(name, queue);
      let closing: Promise<void> | undefined;
      const close = (): Promise<void> => {
        closing ??= queue.close().finally(() => consumers.delete(name));
        return closing;
      };
      closeOnAbort(signal, close);
      return { close };
    },
  };
}
