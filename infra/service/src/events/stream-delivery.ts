import { setTimeout as pause } from 'node:timers/promises';
import { withDeadline } from '../deadline/index.js';
import { AppError } from '../errors/index.js';
import type { Logger } from '../logging/index.js';
import { parseDomainEvent, type DomainEvent } from './domain-event.js';
import type { EventSubscription } from './event-bus.js';
import type { StreamGroup } from './stream-group.js';
import type { StreamEntry } from './stream-reply.js';
import { restAfterMs, type StreamSettings } from './stream-settings.js';

export interface StreamDeliveryOptions {
  readonly subscription: EventSubscription;
  readonly group: StreamGroup;
  readonly logger: Logger;
  readonly settings: StreamSettings;
  /** Aborted when the consumer closes: no further event is begun. */
  readonly closed: AbortSignal;
}

const pageSize = 100;
/** Just after Redis is back, connections beside the consumer's may not be; they are within a second. */
const impatienceMs = [100, 200, 400, 800, 1_000];

/** Hands entries of the stream to the handler and settles each: acknowledged, left for another delivery, or buried. */
export class StreamDelivery {
  readonly #options: StreamDeliveryOptions;
  readonly #types: ReadonlySet<string>;

  constructor(options: StreamDeliveryOptions) {
    this.#options = options;
    this.#types = new Set(options.subscription.types);
  }

  /** Handles entries that were just read, one after the other. */
  async deliver(entries: readonly StreamEntry[]): Promise<void> {
    const { group, settings, closed } = this.#options;
    const wanted = entries.filter((entry) => this.#isWanted(entry));
    await group.acknowledge(entries.filter((entry) => !wanted.includes(entry)).map(({ id }) => id));
    let keptAtMs = performance.now();
    for (const [index, entry] of wanted.entries()) {
      if (closed.aborted) return;
      // The rest of a slow batch must not look abandoned to the other members.
      if (performance.now() - keptAtMs > settings.redeliverAfterMs / 3) {
        await group.keep(wanted.slice(index).map(({ id }) => id));
        keptAtMs = performance.now();
      }
      await this.#handle(entry, 1);
    }
  }

  /** Handles entries again that were delivered to any member, failed there or died with it, and have rested since. */
  async redeliver(): Promise<void> {
    const { group, settings, closed } = this.#options;
    let lastId = '-';
    for (;;) {
      const page = await group.pending(settings.redeliverAfterMs, lastId === '-' ? '0-0' : lastId, pageSize);
      for (const { id, idleMs, deliveries } of page) {
        if (closed.aborted) return;
        const restMs = restAfterMs(settings, deliveries);
        const entry = idleMs < restMs ? undefined : await group.claim(id, restMs);
        if (entry === undefined) continue;
        if (deliveries >= settings.maxDeliveries) await this.#bury(entry, 'consumers died while handling it');
        else await this.#handle(entry, deliveries + 1);
      }
      const last = page.at(-1);
      if (last === undefined || page.length < pageSize) return;
      lastId = last.id;
    }
  }

  #isWanted({ text }: StreamEntry): boolean {
    try {
      return this.#types.has(parseDomainEvent(text ?? '').type);
    } catch {
      // What is no event is handled like a failing one, so that it ends in the dead stream and not in silence.
      return true;
    }
  }

  async #handle(entry: StreamEntry, delivery: number): Promise<void> {
    const { group, logger, settings } = this.#options;
    let event: DomainEvent;
    try {
      event = parseDomainEvent(entry.text ?? '');
    } catch (error) {
      await this.#bury(entry, `not an event: ${(error as Error).message}`);
      return;
    }
    try {
      await this.#handleSoon(event);
    } catch (error) {
      logger.warn({ err: error, eventId: event.id, eventType: event.type, delivery }, 'handling an event failed');
      if (delivery >= settings.maxDeliveries) await this.#bury(entry, (error as Error).message);
      return;
    }
    await group.acknowledge([entry.id]);
  }

  /** What a handler could not get for the moment, it mostly can in the next one: the rest before another delivery is far longer. */
  async #handleSoon(event: DomainEvent): Promise<void> {
    const { subscription, settings, closed } = this.#options;
    const handle = (): Promise<void> =>
      withDeadline(subscription.handle(event), settings.redeliverAfterMs / 2, 'Event handler');
    const giveUpAtMs = performance.now() + settings.redeliverAfterMs / 4;
    for (const delayMs of impatienceMs) {
      try {
        return await handle();
      } catch (error) {
        const isPassing = error instanceof AppError && error.code === 'OVERLOADED';
        if (!isPassing || performance.now() + delayMs > giveUpAtMs) throw error;
      }
      await pause(delayMs, undefined, { signal: closed });
    }
    return handle();
  }

  async #bury(entry: StreamEntry, reason: string): Promise<void> {
    await this.#options.group.bury(entry, reason);
    this.#options.logger.error({ entryId: entry.id, reason }, 'an event was given up and put on the dead stream');
  }
}
