import type { Ended, Failure, PourableStream, Take } from './pour-stream.js';

const done = { done: true, value: undefined } as const;
const nobody: readonly Ended[] = [];

/**
 * A stream that ends once, whoever ends it: by itself, by what failed, or by `return()`, which takes effect at once. A generator
 * written with `function*` would wait for the next item before it let go of what is behind it, and that may never come.
 *
 * One is held for each client that listens, by the ten thousand: so it is one object that others watch, and not wrapped.
 */
export abstract class EndingStream<Item> implements PourableStream<Item> {
  /** Undefined once it is over. */
  #observers: readonly Ended[] | undefined = nobody;

  get isOver(): boolean {
    return this.#observers === undefined;
  }

  observe(ended: Ended): void {
    if (this.#observers === undefined) return ended();
    // Of its exact length: a list that is spread or pushed to has room for sixteen more.
    this.#observers = this.#observers.concat(ended);
  }

  async next(): Promise<IteratorResult<Item, void>> {
    if (this.isOver) return done;
    try {
      const result = await this.pull();
      if (result.done === true) this.end();
      return result;
    } catch (error) {
      this.end({ error });
      throw error;
    }
  }

  pour(take: Take<Item>, ended: Ended): void {
    if (this.isOver) return ended();
    this.pourOut(take, (failure) => {
      this.end(failure);
      ended(failure);
    });
  }

  async return(): Promise<IteratorResult<Item, void>> {
    this.end();
    return done;
  }

  async throw(error: unknown): Promise<IteratorResult<Item, void>> {
    this.end({ error });
    throw error;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  /** The next item; rejects with what ends the stream. */
  protected abstract pull(): Promise<IteratorResult<Item, void>>;

  /** As `pour`. */
  protected abstract pourOut(take: Take<Item>, ended: Ended): void;

  /** Frees everything behind the stream; called once. */
  protected abstract close(failure: Failure | undefined): void;

  private end(failure?: Failure): void {
    const observers = this.#observers;
    if (observers === undefined) return;
    this.#observers = undefined;
    this.close(failure);
    for (const observer of observers) observer(failure);
  }
}
