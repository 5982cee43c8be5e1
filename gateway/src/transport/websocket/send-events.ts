import type { AnswerStream } from '../operation-handler.js';
import { pourStream } from '../pour-stream.js';

/** Where messages go. */
export interface MessageSink {
  /** Sends a message whose middle many share. @returns when there is room for more, if there is none now */
  sendShared(before: string, shared: Buffer, after: string): Promise<void> | undefined;
}

const ended = { done: true, value: undefined } as const;

/**
 * Sends a stream's events as `next` messages of one operation, and tells graphql-ws of its end alone: that library would
 * write each answer anew for each client, where many share one that is written once.
 *
 * @returns what graphql-ws iterates: no item ever comes, only the end, or what failed
 */
export function sendEvents(stream: AnswerStream, id: string, sink: MessageSink): AsyncGenerator<never, void, void> {
  return new SentEvents(stream, id, sink);
}

class SentEvents implements AsyncGenerator<never, void, void> {
  readonly #stream: AnswerStream;
  readonly #before: string;
  readonly #sink: MessageSink;

  constructor(stream: AnswerStream, id: string, sink: MessageSink) {
    this.#stream = stream;
    this.#before = `{"id":${JSON.stringify(id)},"type":"next","payload":`;
    this.#sink = sink;
  }

  next(): Promise<IteratorReturnResult<void>> {
    return new Promise((resolve, reject) => {
      pourStream(
        this.#stream,
        ({ answer, bytes = Buffer.from(JSON.stringify(answer)) }) => this.#sink.sendShared(this.#before, bytes, '}'),
        (failure) => (failure === undefined ? resolve(ended) : reject(failure.error as Error)),
      );
    });
  }

  async return(): Promise<IteratorReturnResult<void>> {
    await this.#stream.return();
    return ended;
  }

  async throw(error: unknown): Promise<IteratorReturnResult<void>> {
    await this.#stream.throw(error);
    return ended;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }
}
