import { setTimeout as wait } from 'node:timers/promises';
import { AppError } from '@tessera/service/errors';
import type { Attachment, RequestContext } from './context.js';
import type { AnswerStream, OperationHandler, ReadyOperation, StreamedAnswer } from './transport/operation-handler.js';
import type { OperationRequest } from './transport/operation-request.js';
import { pourStream, type Take } from './transport/pour-stream.js';

type Result = IteratorResult<StreamedAnswer, void>;

const maxAttempts = 3;
const retryDelayMs = 200;

export interface MovableEvents {
  readonly ended: (subscription: MovableSubscription) => void;
  /** Its caller has other rights: it has to move, be it to where it is. */
  readonly renewed: (subscription: MovableSubscription) => void;
}

/** A client's subscription that can go on with another supergraph, while its client reads one stream. */
export class MovableSubscription implements AnswerStream {
  readonly #request: OperationRequest;
  #context: RequestContext;
  readonly #attachment: Attachment = { moves: 0, current: undefined };
  readonly #events: MovableEvents;
  readonly #forgetRenewals: (() => void) | undefined;
  /** The one that is read, and those that go on after it. */
  readonly #streams: AnswerStream[];
  #failure: { readonly error: unknown } | undefined;
  #moving = Promise.resolve();
  #isOver = false;

  /** @throws as `ReadyOperation.subscribe` */
  constructor(request: OperationRequest, context: RequestContext, ready: ReadyOperation, events: MovableEvents) {
    this.#request = request;
    this.#context = { ...context, attachment: this.#attachment };
    this.#events = events;
    this.#streams = [ready.subscribe(this.#context)];
    this.#forgetRenewals = context.onRenewed?.(({ principal, encodedPrincipal, forwardedHeaders }) => {
      this.#context = { ...this.#context, principal, encodedPrincipal, forwardedHeaders };
      events.renewed(this);
    });
  }

  /** Goes on with a supergraph, one move after the other. Never rejects: what is not valid there ends with the reason. */
  move(handler: Pick<OperationHandler, 'prepare'>): Promise<void> {
    return (this.#moving = this.#moving.then(() => this.#move(handler)));
  }

  async #move(handler: Pick<OperationHandler, 'prepare'>): Promise<void> {
    for (let attempt = 1; !this.#isOver; attempt += 1) {
      try {
        const ready = await handler.prepare(this.#request, this.#context);
        if (!this.#isOver) this.#streams.push(ready.subscribe(this.#context));
        return;
      } catch (error) {
        const mayPass = error instanceof AppError && error.traits.retryable && attempt < maxAttempts;
        if (!mayPass) return this.#endWith(error);
        await wait(retryDelayMs * attempt);
      }
    }
  }

  async next(): Promise<Result> {
    try {
      for (let [stream] = this.#streams; stream !== undefined; [stream] = this.#streams) {
        const result = await stream.next();
        if (result.done !== true) return result;
        this.#streams.shift();
      }
    } catch (error) {
      await this.return();
      throw error;
    }
    const failure = this.#failure;
    await this.return();
    if (failure !== undefined) throw failure.error;
    return { done: true, value: undefined };
  }

  async pour(take: Take<StreamedAnswer>): Promise<void> {
    try {
      for (let [stream] = this.#streams; stream !== undefined; [stream] = this.#streams) {
        await pourStream(stream, take);
        this.#streams.shift();
      }
    } catch (error) {
      await this.return();
      throw error;
    }
    const failure = this.#failure;
    await this.return();
    if (failure !== undefined) throw failure.error;
  }

  async return(): Promise<Result> {
    if (!this.#isOver) {
      this.#isOver = true;
      this.#failure = undefined;
      this.#forgetRenewals?.();
      this.#events.ended(this);
    }
    await Promise.all(this.#streams.splice(0).map((stream) => stream.return()));
    return { done: true, value: undefined };
  }

  async throw(error: unknown): Promise<Result> {
    await this.return();
    throw error;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  /** What has come by now is still told, then why no more comes. */
  #endWith(error: unknown): void {
    this.#failure = { error };
    const { current } = this.#attachment;
    this.#attachment.current = undefined;
    if (current !== undefined) return current.release();
    // Not even the first is attached yet.
    for (const stream of this.#streams) void stream.return();
  }
}
