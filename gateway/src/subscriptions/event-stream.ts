import type { PourableStream, Take } from '../transport/pour-stream.js';

/** What a stream is made of. */
export interface EventStreamParts<Result> {
  /** The next answer; rejects with what ended the stream. */
  readonly next: () => Promise<IteratorResult<Result, void>>;
  /** Hands answers over as they come, in place of `next`. */
  readonly pour: (take: Take<Result>) => Promise<void>;
  /** Frees everything behind the stream; called once, whoever ends it. */
  readonly close: () => void;
}

/**
 * Makes an async generator whose `return()` takes effect at once. One written with `function*` would wait for the next
 * event before it let go of its upstream, and that event may never come.
 */
export function createEventStream<Result>({ next, pour, close }: EventStreamParts<Result>): PourableStream<Result> {
  let closed = false;
  const closeOnce = (): void => {
    if (closed) return;
    closed = true;
    close();
  };
  const stream: PourableStream<Result> = {
    async pour(take) {
      if (closed) return;
      try {
        await pour(take);
      } finally {
        closeOnce();
      }
    },
    async next() {
      if (closed) return { done: true, value: undefined };
      try {
        const result = await next();
        if (result.done === true) closeOnce();
        return result;
      } catch (error) {
        closeOnce();
        throw error;
      }
    },
    async return() {
      closeOnce();
      return { done: true, value: undefined };
    },
    async throw(error: unknown) {
      closeOnce();
      throw error;
    },
    [Symbol.asyncIterator]: () => stream,
    async [Symbol.asyncDispose]() {
      closeOnce();
    },
  };
  return stream;
}
