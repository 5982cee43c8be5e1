import type { AnswerStream } from '../operation-handler.js';
import { pourStream } from '../pour-stream.js';

/** Where messages go. */
export interface MessageSink {
  /** Sends a message whose middle many share. @returns when there is room for more, if there is none now */
  sendShared(before: string, shared: Buffer, after: string): Promise<void> | undefined;
}

/**
 * Sends a stream's events as `next` messages of one operation, and tells graphql-ws of its end alone: that library would
 * write each answer anew for each client, where many share one that is written once.
 *
 * @returns what graphql-ws iterates: no item ever comes, only the end, or what failed
 */
export function sendEvents(stream: AnswerStream, id: string, sink: MessageSink): AsyncGenerator<never, void, void> {
  const before = `{"id":${JSON.stringify(id)},"type":"next","payload":`;
  const ended = { done: true, value: undefined } as const;
  const end = async (ending: Promise<unknown>): Promise<typeof ended> => {
    await ending;
    return ended;
  };
  return {
    next: () =>
      end(
        pourStream(stream, ({ answer, bytes }) =>
          sink.sendShared(before, bytes ?? Buffer.from(JSON.stringify(answer)), '}'),
        ),
      ),
    return: () => end(stream.return()),
    throw: (error: unknown) => end(stream.throw(error)),
    [Symbol.asyncIterator]() {
      return this;
    },
    [Symbol.asyncDispose]: () => stream[Symbol.asyncDispose](),
  };
}
