import type { FormattedExecutionResult } from 'graphql';
import type { Caller, RequestContext } from '../context.js';
import type { DeliveredAnswer } from './answer-delivery.js';
import type { DeferredAnswer } from './deferred-answer.js';
import type { OperationRequest } from './operation-request.js';
import type { PourableStream } from './pour-stream.js';

/** One answer of a stream. */
export interface StreamedAnswer {
  readonly answer: FormattedExecutionResult;
  /** The answer as JSON, where it is written once for all who get it. */
  readonly json?: string;
  /** The same in UTF-8. */
  readonly bytes?: Buffer;
  /** Where the stream goes on after this answer, if it can be told; a line of text without spaces at its ends. */
  readonly id?: string | undefined;
  /** Whether it is no event, but only tells the id of what came before the first. */
  readonly isBeginning?: boolean;
}

export type AnswerStream = PourableStream<StreamedAnswer>;

/** An operation that may run: it was found, parsed, validated, guarded and planned. */
export interface ReadyOperation {
  readonly kind: 'query' | 'mutation' | 'subscription';
  /** Runs a query or a mutation. Never rejects: failures are errors in the answer. */
  run(context: RequestContext): Promise<DeliveredAnswer>;
  /** There where fragments may come later: as `run`, for clients that read that. */
  runDeferred?(context: RequestContext): Promise<DeferredAnswer>;
  /**
   * Opens a subscription. The stream ends by itself, by an error that is to be shown, or by `return()`.
   *
   * @param context its signal ends the stream, with its reason as the error
   */
  subscribe(context: RequestContext): AnswerStream;
}

/** The rooms behind the transports; the gateway wires them. */
export interface OperationHandler {
  /** @throws AppError `UNAUTHENTICATED` for a token that is there but not valid */
  authenticate(authorization: string | undefined, clientAddress: string): Caller | Promise<Caller>;
  /** @throws AppError or OperationRefusal with everything that speaks against the operation */
  prepare(request: OperationRequest, context: RequestContext): Promise<ReadyOperation>;
}
