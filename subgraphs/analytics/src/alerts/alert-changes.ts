import type { PushStream } from '../streams/push-stream.js';
import type { AlertChange } from './alert-change.js';

export interface AlertChangesOptions {
  /** What comes from now on. */
  readonly live: PushStream<AlertChange>;
  /** Where the subscriber was. */
  readonly afterSequence: number;
  /** After which change `live` begins. */
  readonly liveAfterSequence: number;
  /** The next changes after a position; none at the end. */
  readonly readChanges: (afterSequence: number) => Promise<readonly AlertChange[]>;
}

type Result = IteratorResult<AlertChange, undefined>;

/** A tenant's changes from a position on: first those that are past, from the database, then those that come. */
export class AlertChanges implements AsyncIterableIterator<AlertChange, undefined, undefined> {
  readonly #options: AlertChangesOptions;
  #position: number;
  #past: AlertChange[] = [];

  constructor(options: AlertChangesOptions) {
    this.#options = options;
    this.#position = options.afterSequence;
  }

  async next(): Promise<Result> {
    const { live, liveAfterSequence } = this.#options;
    if (this.#past.length === 0 && this.#position < liveAfterSequence) {
      this.#past = await this.#readPast();
      // Nothing is there any more of what should be: what comes goes on.
      if (this.#past.length === 0) this.#position = liveAfterSequence;
    }
    const past = this.#past.shift();
    if (past !== undefined) return this.#take(past);
    for (;;) {
      const result = await live.next();
      if (result.done === true) return result;
      if (result.value.sequence > this.#position) return this.#take(result.value);
    }
  }

  return(): Promise<Result> {
    this.#past = [];
    this.#position = Infinity;
    return this.#options.live.return();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Ends the stream when it fails: nobody calls `return` after that. */
  async #readPast(): Promise<AlertChange[]> {
    try {
      return [...(await this.#options.readChanges(this.#position))];
    } catch (error) {
      await this.return();
      throw error;
    }
  }

  #take(value: AlertChange): Result {
    this.#position = value.sequence;
    return { done: false, value };
  }
}
