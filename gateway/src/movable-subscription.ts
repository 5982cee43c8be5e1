import { setTimeout as wait } from 'node:timers/promises';
import { AppError } from '@tessera/service/errors';
import type { Attachment, Caller, RequestContext } from './context.js';
import { EndingStream } from './transport/ending-stream.js';
import type { AnswerStream, OperationHandler, ReadyOperation, StreamedAnswer } from './transport/operation-handler.js';
import type { OperationRequest } from './transport/operation-request.js';
import { pourStream, type Ended, type Failure, type Take } from './transport/pour-stream.js';

const maxAttempts = 3;
const retryDelayMs = 200;

export interface MovableEvents {
  readonly ended: (subscription: MovableSubscription) => void;
  /** Its caller has other rights: it has to move, be it to where it is. */
  readonly renewed: (subscription: MovableSubscription) => void;
}

/** A client's subscription that can go on with another supergraph, while its client reads one stream. */
export class MovableSubscription extends EndingStream<StreamedAnswer> {
  readonly #request: OperationRequest;
  #context: RequestContext;
  readonly #attachment: Attachment = { moves: 0, current: undefined };
  readonly #events: MovableEvents;
  readonly #forgetRenewals: (() => void) | undefined;
  /** The one that is read, and those that go on after it. */
  readonly #streams: AnswerStream[];
  #failure: Failure | undefined;
  #moving: Promise<void> | undefined;

  /** @throws as `ReadyOperation.subscribe` */
  constructor(request: OperationRequest, context: RequestContext, ready: ReadyOperation, events: MovableEvents) {
    super();
    this.#request = request;
    this.#context = { ...context, attachment: this.#attachment, subgraphRequests: { count: 0 } };
    this.#events = events;
    this.#streams = [ready.subscribe(this.#context)];
    this.#forgetRenewals = context.onRenewed?.((caller) => this.#renew(caller));
  }

  /** Goes on with a supergraph, one move after the other. Never rejects: what is not valid there ends with the reason. */
  move(handler: Pick<OperationHandler, 'prepare'>): Promise<void> {
    this.#moving = (this.#moving ?? Promise.resolve()).then(() => this.#move(handler));
    return this.#moving;
  }

  async #move(handler: Pick<OperationHandler, 'prepare'>): Promise<void> {
    for (let attempt = 1; !this.isOver; attempt += 1) {
      try {
        const ready = await handler.prepare(this.#request, this.#context);
        if (!this.isOver) this.#streams.push(ready.subscribe(this.#context));
        return;
      } catch (error) {
        const mayPass = error instanceof AppError && error.traits.retryable && attempt < maxAttempts;
        if (!mayPass) return this.#endWith(error);
        await wait(retryDelayMs * attempt);
      }
    }
  }

  #renew({ principal, encodedPrincipal, forwardedHeaders }: Caller): void {
    this.#context = { ...this.#context, principal, encodedPrincipal, forwardedHeaders };
    this.#events.renewed(this);
  }

  protected override async pull(): Promise<IteratorResult<StreamedAnswer, void>> {
    for (let [stream] = this.#streams; stream !== undefined; [stream] = this.#streams) {
      const result = await stream.next();
      if (result.done !== true) return result;
      this.#streams.shift();
    }
    if (this.#failure !== undefined) throw this.#failure.error;
    return { done: true, value: undefined };
  }

  protected override pourOut(take: Take<StreamedAnswer>, ended: Ended): void {
    const [stream] = this.#streams;
    if (stream === undefined) return ended(this.#failure);
    pourStream(stream, take, (failure) => {
      if (failure !== undefined) return ended(failure);
      this.#streams.shift();
      this.pourOut(take, ended);
    });
  }

  protected override close(): void {
    this.#failure = undefined;
    this.#forgetRenewals?.();
    this.#events.ended(this);
    for (const stream of this.#streams.splice(0)) void stream.return();
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
