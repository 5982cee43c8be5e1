import { AppError } from '@tessera/service/errors';

type Result<Item> = IteratorResult<Item, void>;

interface Waiter<Item> {
  readonly resolve: (result: Result<Item>) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * The bounded buffer between an upstream that pushes and a subscriber that pulls. One too many ends the subscription:
 * a client that missed an event in silence could not know it.
 */
export class EventQueue<Item> {
  readonly #maxItems: number;
  readonly #items: Item[] = [];
  readonly #waiters: Waiter<Item>[] = [];
  #ended = false;
  #failure: { readonly error: unknown } | undefined;

  constructor(maxItems: number) {
    this.#maxItems = maxItems;
  }

  push(item: Item): void {
    if (this.#ended) return;
    const waiter = this.#waiters.shift();
    if (waiter !== undefined) waiter.resolve({ done: false, value: item });
    else if (this.#items.length < this.#maxItems) this.#items.push(item);
    else this.cut(new AppError('OVERLOADED', 'The subscriber fell too far behind its events'));
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
    this.#items.length = 0;
    this.finish({ error });
  }

  /** The subscriber has gone. */
  close(): void {
    this.#items.length = 0;
    this.#failure = undefined;
    this.finish();
  }

  next(): Promise<Result<Item>> {
    return new Promise((resolve, reject) => {
      const item = this.#items.shift();
      if (item !== undefined) resolve({ done: false, value: item });
      else if (this.#ended) this.#settle({ resolve, reject });
      else this.#waiters.push({ resolve, reject });
    });
  }

  #settle({ resolve, reject }: Waiter<Item>): void {
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure === undefined) resolve({ done: true, value: undefined });
    else reject(failure.error);
  }
}
