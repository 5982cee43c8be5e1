import { AppError } from '@tessera/service/errors';
import type { GraphQLFormattedError } from 'graphql';
import type { Caller } from '../../context.js';
import type { AnswerStream, StreamedAnswer } from '../operation-handler.js';
import { HttpStream } from './http-stream.js';
import { serverSentEvents, writeEvent } from './server-sent-events.js';

/** What an operation of a channel does once it was accepted: it answers once, or goes on answering. */
export type ChannelWork = (signal: AbortSignal) => AnswerStream;

/** One operation of a channel, which was accepted. */
export interface ChannelOperation {
  /** Aborted when the client has stopped the operation, or may have no more of the channel. */
  readonly signal: AbortSignal;
  /** Runs the operation; its answers go to the channel's stream. */
  run(work: ChannelWork, errorsOf: (error: unknown) => readonly GraphQLFormattedError[]): void;
  /** Gives the id back: the operation was not accepted. */
  release(): void;
}

/** The single connection of one client: many operations, begun by requests of their own, answered on one event stream. */
export class EventChannel {
  readonly stream: HttpStream;
  readonly #maxOperations: number;
  readonly #operations = new Map<string, AbortController>();
  #isOpened = false;

  constructor(caller: Caller, maxOperations: number) {
    this.stream = new HttpStream(caller, serverSentEvents);
    this.#maxOperations = maxOperations;
    this.stream.over.addEventListener('abort', () => this.#stopAll(), { once: true });
  }

  get isOpened(): boolean {
    return this.#isOpened;
  }

  /** The stream's one reader has come. @throws AppError `CONFLICT` where it had come before */
  markOpened(): void {
    if (this.#isOpened) throw new AppError('CONFLICT', 'The stream of this token is open already');
    this.#isOpened = true;
  }

  /**
   * Takes up an operation.
   *
   * @throws AppError `CONFLICT` for an id that is in use, `RATE_LIMITED` for one operation too many, and the reason why the
   *   caller may have no more of the channel
   */
  begin(id: string): ChannelOperation {
    this.stream.over.throwIfAborted();
    if (this.#operations.has(id)) throw new AppError('CONFLICT', 'An operation with this operationId runs already');
    if (this.#operations.size >= this.#maxOperations) {
      throw new AppError('RATE_LIMITED', 'Too many operations run on this stream', {
        details: { limit: this.#maxOperations },
      });
    }
    const stopping = new AbortController();
    this.#operations.set(id, stopping);
    const release = (): void => {
      if (this.#operations.get(id) === stopping) this.#operations.delete(id);
      if (this.stream.over.aborted && this.#operations.size === 0) this.stream.end('');
    };
    return {
      signal: stopping.signal,
      run: (work, errorsOf) => void this.#pour(id, work(stopping.signal), stopping.signal, errorsOf).finally(release),
      release,
    };
  }

  /** Stops an operation; nothing more is said about it. @returns whether there was one */
  stop(id: string): boolean {
    const stopping = this.#operations.get(id);
    this.#operations.delete(id);
    stopping?.abort(new AppError('PRECONDITION_FAILED', 'The client has stopped the operation'));
    return stopping !== undefined;
  }

  async #pour(
    id: string,
    answers: AnswerStream,
    signal: AbortSignal,
    errorsOf: (error: unknown) => readonly GraphQLFormattedError[],
  ): Promise<void> {
    const isWanted = (): boolean => !this.stream.isClosed && this.#operations.has(id);
    const head = `{"id":${JSON.stringify(id)},"payload":`;
    const next = ({ answer, json = JSON.stringify(answer), id: eventId }: StreamedAnswer): Promise<void> =>
      this.stream.send(writeEvent({ event: 'next', json: `${head}${json}}`, id: eventId }));
    signal.addEventListener('abort', () => void answers.return(), { once: true });
    try {
      for await (const answer of answers) if (isWanted()) await next(answer);
      if (signal.aborted && isWanted()) throw signal.reason;
    } catch (error) {
      if (isWanted()) await next({ answer: { errors: errorsOf(error) } });
    }
    if (isWanted()) await this.stream.send(writeEvent({ event: 'complete', data: { id } }));
  }

  /** The caller may have no more of it, or has gone: each operation is told why, then the stream ends. */
  #stopAll(): void {
    if (this.#operations.size === 0) this.stream.end('');
    for (const stopping of this.#operations.values()) stopping.abort(this.stream.over.reason);
  }
}
