import { AppError } from '../errors/index.js';
import type { DomainEvent } from './domain-event.js';
import type { EventSubscription } from './event-bus.js';
import { withDeadline } from '../deadline/index.js';

/** How many handled events one consumer remembers, to skip them when another consumer's failure repeats them. */
const maxRemembered = 10_000;

/** Calls one consumer's handler for one event at a time, in the order of arrival. */
export class ConsumerQueue {
  readonly #subscription: EventSubscription;
  readonly #types: ReadonlySet<string>;
  readonly #handlerTimeoutMs: number;
  readonly #handled = new Set<string>();
  #tail: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(subscription: EventSubscription, handlerTimeoutMs: number) {
    this.#subscription = subscription;
    this.#types = new Set(subscription.types);
    this.#handlerTimeoutMs = handlerTimeoutMs;
  }

  wants(type: string): boolean {
    return this.#types.has(type);
  }

  /** Resolves when the handler has succeeded with this event, now or before; rejects as the handler does. */
  deliver(event: DomainEvent): Promise<void> {
    const delivery = this.#tail.then(() => this.#handle(event));
    this.#tail = delivery.catch(() => undefined);
    return delivery;
  }

  /** Refuses what is still waiting, and resolves when the event in hand is finished. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#tail;
  }

  async #handle(event: DomainEvent): Promise<void> {
    if (this.#handled.has(event.id)) return;
    if (this.#closed) throw new AppError('OVERLOADED', `Event consumer ${this.#subscription.consumer} is closing`);
    await withDeadline(this.#subscription.handle(event), this.#handlerTimeoutMs, 'Event handler');
    this.#handled.add(event.id);
    const oldest = this.#handled.values().next();
    if (this.#handled.size > maxRemembered && oldest.done !== true) this.#handled.delete(oldest.value);
  }
}
