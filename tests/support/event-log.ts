import { EventEmitter, once } from 'node:events';
import { createSourceEventStream, execute, type ExecutionArgs, type ExecutionResult } from 'graphql';

/** An event with an id, as a subgraph's resolver may yield it; without a value it tells where the stream begins. */
export class NumberedEvent {
  constructor(
    readonly number: number,
    readonly value?: unknown,
  ) {}
}

/** Events that stay: instances of a subgraph share it as they would share a database. */
export interface EventLog<Event> {
  publish(...events: Event[]): void;
  /** All after the event of an id; null: from now on, telling first where that is. */
  listen(lastEventId: unknown): AsyncIterable<NumberedEvent>;
}

export function createEventLog<Event>(): EventLog<Event> {
  const events: Event[] = [];
  const changes = new EventEmitter().setMaxListeners(0);
  return {
    publish(...published) {
      events.push(...published);
      changes.emit('change');
    },
    listen(lastEventId) {
      const leaving = new AbortController();
      let position = typeof lastEventId === 'string' ? Number(lastEventId) : events.length;
      let tells = lastEventId === null;
      const finished = { done: true, value: undefined } as const;
      return {
        [Symbol.asyncIterator]: () => ({
          async next() {
            if (tells) {
              tells = false;
              return { done: false, value: new NumberedEvent(position) };
            }
            while (position >= events.length && !leaving.signal.aborted) {
              await once(changes, 'change', { signal: leaving.signal }).catch(() => undefined);
            }
            if (leaving.signal.aborted) return finished;
            position += 1;
            return { done: false, value: new NumberedEvent(position, events[position - 1]) };
          },
          async return() {
            leaving.abort();
            return finished;
          },
        }),
      };
    },
  };
}

/** What an event says of its publication goes out with it, too. */
function publicationOf(value: unknown): { readonly publishedAtMs?: unknown } {
  return typeof value === 'object' && value !== null && 'publishedAtMs' in value
    ? { publishedAtMs: value.publishedAtMs }
    : {};
}

/** graphql-js's `subscribe`, but the ids of events go out with their results. */
export async function subscribeWithIds(
  args: ExecutionArgs,
): Promise<AsyncGenerator<ExecutionResult> | ExecutionResult> {
  const stream = await createSourceEventStream(args);
  if (!(Symbol.asyncIterator in stream)) return stream;
  const events: AsyncIterator<unknown> = stream[Symbol.asyncIterator]();
  const answer = async (event: unknown): Promise<ExecutionResult> => {
    if (!(event instanceof NumberedEvent)) return execute({ ...args, rootValue: event });
    const { number, value } = event;
    const result = value === undefined ? {} : await execute({ ...args, rootValue: value });
    return { ...result, extensions: { eventId: String(number), ...publicationOf(value) } };
  };
  const results: AsyncGenerator<ExecutionResult> = {
    async next() {
      const event = await events.next();
      return event.done === true ? { done: true, value: undefined } : { done: false, value: await answer(event.value) };
    },
    async return() {
      await events.return?.();
      return { done: true, value: undefined };
    },
    async throw(error) {
      await events.return?.();
      throw error;
    },
    async [Symbol.asyncDispose]() {
      await events.return?.();
    },
    [Symbol.asyncIterator]: () => results,
  };
  return results;
}
