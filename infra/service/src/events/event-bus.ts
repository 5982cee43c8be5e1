import type { DomainEvent } from './domain-event.js';

/** One service's interest in events. */
export interface EventSubscription {
  /** The consumer group: the service's name. All instances of a service share one, and each event goes to one of them. */
  readonly consumer: string;
  /** Event types, exactly as published. */
  readonly types: readonly string[];
  /**
   * Acts on one event. It may be called again with the same event (at least once delivery), so it is idempotent: see
   * `consumeOnce`. A rejection means "deliver it again later".
   */
  handle(event: DomainEvent): Promise<void>;
  /** Aborting it closes the consumer. */
  readonly signal?: AbortSignal;
}

/** A started consumer. */
export interface EventConsumer {
  /** Takes no more events, and resolves when the one in hand is finished. Idempotent, never rejects. */
  close(): Promise<void>;
}

/**
 * Durable events between subgraphs: at least once, to every consumer group that ever subscribed, in no promised order.
 * Services do not publish here themselves: they append to their outbox inside their transaction, and the relay publishes.
 */
export interface EventBus {
  /**
   * Resolves only once every event is durably accepted.
   *
   * @throws AppError `OVERLOADED` when some were not; all of them may then be published again
   */
  publish(events: readonly DomainEvent[]): Promise<void>;
  /** Whether it is known that nothing would be accepted now; absent where that is never known before. */
  isAway?(): boolean;
  /**
   * Starts a consumer.
   *
   * @throws AppError `INTERNAL_SERVER_ERROR` when this bus already has a consumer of that name
   */
  subscribe(subscription: EventSubscription): EventConsumer;
}
