import { AppError } from '@tessera/service/errors';

interface Waiter<T> {
  readonly resolve: (result: IteratorResult<T, undefined>) => void;
  readonly reject: (error: Error) => void;
}

const finished: IteratorReturnResult<undefined> = { done: true, value: undefined };

/**
 * What is pushed can be iterated. The buffer is bounded: a reader that falls too far behind is not skipped over in
 * silence, its iteration fails with `OVERLOADED`.
 *
 * Made by hand, because a generator's `return` would wait for a value that may never come.
 */
export class PushStream<T> implements AsyncIterableIterator<T, undefined, undefined> {
  readonly #buffer: T[] = [];
  readonly #waiters: Waiter<T>[] = [];
  readonly #maxBuffered: number;
  readonly #onEnd: () => void;
  #failure: AppError | undefined;
  #ended = false;

  /** @param onEnd called once, when nobody will read any more */
  constructor(maxBuffered: number, onEnd: () => void) {
    this.#maxBuffered = maxBuffered;
    this.#onEnd = onEnd;
  }

  push(value: T): void {
    if (this.#ended || this.#failure !== undefined) return;
    const waiter = this.#waiters.shift();
    if (waiter !== undefined) waiter.resolve({ done: false, value });
    else if (this.#buffer.length < this.#maxBuffered) this.#buffer.push(value);
    else this.#failure = new AppError('OVERLOADED', 'Subscription fell too far behind its events');
  }

  next(): Promise<IteratorResult<T, undefined>> {
    if (this.#ended) return Promise.resolve(finished);
    if (this.#buffer.length > 0) return Promise.resolve({ done: false, value: this.#buffer.shift() as T });
    if (this.#failure !== undefined) {
      const failure = this.#failure;
      this.#end();
      return Promise.reject(failure);
    }
    return new Promise((resolve, reject) => this.#waiters.push({ resolve, reject }));
  }

  return(): Promise<IteratorReturnResult<undefined>> {
    this.#end();
    return Promise.resolve(finished);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#buffer.length = 0;
    for (const waiter of this.#waiters.splice(0)) waiter.resolve(finished);
    this.#onEnd();
  }
}
