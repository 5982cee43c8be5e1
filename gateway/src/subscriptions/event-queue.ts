import { AppError } from '@tessera/service/errors';

type Result<Item> = IteratorResult<Item, void>;

interface Waiter<Item> {
  readonly resolve: (result: Result<Item>) => void;
  readonly reject: (error: unknown) => void;
}

/** What waits in a queue is counted in bytes too. */
export interface Sized {
  readonly byteLength: number;
}

export interface EventQueueOptions {
  readonly maxItems: number;
  /** One item alone may be larger. */
  readonly maxBytes: number;
  /** Of several items that wait only the latest is of use: the others go. */
  readonly keepsLatest: boolean;
  /** An item went for a later one. */
  readonly onReplaced: () => void;
  /** The queue has ended, because it was full and nothing may be left out. */
  readonly onFull: () => void;
}

/**
 * The bounded buffer between events and a subscriber that takes them one by one. Unless only the latest counts, one too many
 * ends the subscription: a client that missed an event in silence could not know it.
 */
export class EventQueue<Item extends Sized> {
  readonly #options: EventQueueOptions;
  readonly #items: Item[] = [];
  readonly #waiters: Waiter<Item>[] = [];
  #bytes = 0;
  #ended = false;
  #failure: { readonly error: unknown } | undefined;

  constructor(options: EventQueueOptions) {
    this.#options = options;
  }

  push(item: Item): void {
    if (this.#ended) return;
    const waiter = this.#waiters.shift();
    if (waiter !== undefined) return waiter.resolve({ done: false, value: item });
    const { keepsLatest, onReplaced, onFull } = this.#options;
    if (keepsLatest && this.#items.length > 0) {
      this.#drop();
      onReplaced();
    } else if (!this.#hasRoomFor(item)) {
      this.cut(new AppError('OVERLOADED', 'The subscriber fell too far behind its events'));
      return onFull();
    }
    this.#items.push(item);
    this.#bytes += item.byteLength;
  }

  /** No more events: what is buffered is still taken, then the iteration ends, with the error if there is one. */
  finish(failure?: { readonly error: unknown }): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#failure = failure;
    for (const waiter of this.#waiters.splice(0)) this.#settle(waiter);
  }

  /** Ends at once: what is buffered is dropped. */
  cut(error: unknown): void {
    this.#drop();
    this.finish({ error });
  }

  /** The subscriber has gone. */
  close(): void {
    this.#drop();
    this.#failure = undefined;
    this.finish();
  }

  next(): Promise<Result<Item>> {
    return new Promise((resolve, reject) => {
      const item = this.#items.shift();
      if (item !== undefined) {
        this.#bytes -= item.byteLength;
        resolve({ done: false, value: item });
      } else if (this.#ended) this.#settle({ resolve, reject });
      else this.#waiters.push({ resolve, reject });
    });
  }

  #hasRoomFor({ byteLength }: Item): boolean {
    const { maxItems, maxBytes } = this.#options;
    const { length } = this.#items;
    return length === 0 || (length < maxItems && this.#bytes + byteLength <= maxBytes);
  }

  #drop(): void {
    this.#items.length = 0;
    this.#bytes = 0;
  }

  #settle({ resolve, reject }: Waiter<Item>): void {
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure === undefined) resolve({ done: true, value: undefined });
    else reject(failure.error);
  }
}
