import type { ExecutionResult } from 'graphql';
import { clientLeft } from './client-left.js';

/** Gives one answer. @param signal aborted when nobody wants it any more */
export type GiveAnswer = (signal: AbortSignal) => Promise<ExecutionResult>;

const ended = { done: true, value: undefined } as const;

/**
 * A query's or mutation's one answer as a stream: of nothing else does graphql-ws say that the client has no use for it any
 * more, and what nobody waits for would run on, uncounted, for as many as a socket likes to begin.
 */
export function answerOnce(give: GiveAnswer): AsyncGenerator<ExecutionResult, void, void> {
  return new OneAnswer(give);
}

class OneAnswer implements AsyncGenerator<ExecutionResult, void, void> {
  #give: GiveAnswer | undefined;
  readonly #leaving = new AbortController();

  constructor(give: GiveAnswer) {
    this.#give = give;
  }

  async next(): Promise<IteratorResult<ExecutionResult, void>> {
    const give = this.#give;
    this.#give = undefined;
    if (give === undefined) return ended;
    const { signal } = this.#leaving;
    try {
      const value = await give(signal);
      return signal.aborted ? ended : { done: false, value };
    } catch (error) {
      if (signal.aborted) return ended;
      throw error;
    }
  }

  async return(): Promise<IteratorReturnResult<void>> {
    this.#give = undefined;
    this.#leaving.abort(clientLeft());
    return ended;
  }

  throw(): Promise<IteratorReturnResult<void>> {
    return this.return();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }
}
