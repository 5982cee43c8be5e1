import { AppError } from '../errors/index.js';
import type { JsonValue } from '../json/index.js';

type Result = IteratorResult<JsonValue, undefined>;

interface Waiter {
  readonly resolve: (result: Result) => void;
  readonly reject: (error: Error) => void;
}

const finished: IteratorReturnResult<undefined> = { done: true, value: undefined };

/** The bounded buffer between a channel that pushes and a subscriber that pulls. */
export class MessageQueue {
  readonly #buffer: JsonValue[] = [];
  readonly #waiters: Waiter[] = [];
  readonly #maxMessages: number;
  #failure: Error | undefined;
  #closed = false;

  constructor(maxMessages: number) {
    this.#maxMessages = maxMessages;
  }

  /** Hands the message to whoever waits, or keeps it; one too many fails the subscription. */
  push(message: JsonValue): void {
    if (this.#closed || this.#failure !== undefined) return;
    const waiter = this.#waiters.shift();
    if (waiter !== undefined) {
      waiter.resolve({ done: false, value: message });
      return;
    }
    if (this.#buffer.length < this.#maxMessages) {
      this.#buffer.push(message);
      return;
    }
    this.#buffer.length = 0;
    this.#failure = new AppError('OVERLOADED', 'Subscription fell too far behind its channel', {
      details: { maxBufferedMessages: this.#maxMessages },
    });
  }

  next(): Promise<Result> {
    const message = this.#buffer.shift();
    if (message !== undefined) return Promise.resolve({ done: false, value: message });
    if (this.#closed) return Promise.resolve(finished);
    if (this.#failure !== undefined) {
      this.#closed = true;
      return Promise.reject(this.#failure);
    }
    return new Promise((resolve, reject) => this.#waiters.push({ resolve, reject }));
  }

  close(): IteratorReturnResult<undefined> {
    this.#closed = true;
    this.#buffer.length = 0;
    for (const waiter of this.#waiters.splice(0)) waiter.resolve(finished);
    return finished;
  }
}
