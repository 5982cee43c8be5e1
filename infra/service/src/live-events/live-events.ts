import type { AppError } from '../errors/index.js';
import type { JsonValue } from '../json/index.js';

/** Where events come from: a channel reaches who listens now; a stream keeps its last events, each with an id. */
export interface LiveSource {
  readonly kind: 'channel' | 'stream';
  readonly name: string;
}

/** Is told what comes. */
export interface LiveListener {
  /** @param id its place in a stream; events of channels have none */
  event(payload: JsonValue, id?: string): void;
  /** Once, of a stream that is followed from now on: where that is. */
  began(id: string): void;
  /** Events may have got lost since the last one. */
  gap(): void;
  /** Nothing more will come. `BAD_USER_INPUT`: `after` is no id; `PRECONDITION_FAILED`: what came after it is no longer kept. */
  failed(error: AppError): void;
}

/** Events that gateways hand to subscribers without asking a subgraph (`@events`). */
export interface LiveEvents {
  /** @throws AppError `OVERLOADED` when the broker did not take the event in time */
  publish(channel: string, payload: JsonValue): Promise<void>;
  /**
   * Appends to a stream.
   *
   * @returns the event's id
   * @throws AppError `OVERLOADED` when the broker did not take the event in time
   */
  append(stream: string, payload: JsonValue): Promise<string>;
  /**
   * Listens from now on, or to a stream behind one of its events. While the broker is away it waits.
   *
   * @returns what ends it
   */
  listen(source: LiveSource, listener: LiveListener, after?: string): () => void;
}

/** The part of it that keeps events. */
export interface EventStreams {
  append(stream: string, payload: JsonValue): Promise<string>;
  follow(stream: string, listener: LiveListener, after: string | undefined): () => void;
}
