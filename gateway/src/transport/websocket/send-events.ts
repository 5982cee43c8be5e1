import type { AnswerStream } from '../operation-handler.js';

/** Where messages go. */
export interface MessageSink {
  /** Resolves when there is room for more. */
  send(text: string): Promise<void>;
}

/**
 * Sends a stream's events as `next` messages of one operation, and tells graphql-ws of its end alone: that library would
 * write each answer anew for each client, where many share one that is written once.
 *
 * @returns what graphql-ws iterates: no item ever comes, only the end, or what failed
 */
export function sendEvents(stream: AnswerStream, id: string, sink: MessageSink): AsyncGenerator<never, void, void> {
  const head = `{"id":${JSON.stringify(id)},"type":"next","payload":`;
  const ended = { done: true, value: undefined } as const;
  const end = async (ending: Promise<unknown>): Promise<typeof ended> => {
    await ending;
    return ended;
  };
  return {
    async next() {
      for (;;) {
        const { done, value } = await stream.next();
        if (done === true || value === undefined) return ended;
        const { answer, json = JSON.stringify(answer) } = value;
        await sink.send(`${head}${json}}`);
      }
    },
    return: () => end(stream.return()),
    throw: (error: unknown) => end(stream.throw(error)),
    [Symbol.asyncIterator]() {
      return this;
    },
    [Symbol.asyncDispose]: () => stream[Symbol.asyncDispose](),
  };
}
