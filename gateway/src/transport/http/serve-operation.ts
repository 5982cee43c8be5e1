import { AppError } from '@tessera/service/errors';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Caller, RequestContext } from '../../context.js';
import { delivery } from '../answer-delivery.js';
import { answerErrors, statusOf } from '../format-error.js';
import type { LiveConnections } from '../live-connections.js';
import type { ReadyOperation } from '../operation-handler.js';
import type { OperationRequest } from '../operation-request.js';
import { createRequestContext } from '../request-context.js';
import { eventStream, serverSentEvents } from '../streams/server-sent-events.js';
import { multipartSubscription } from '../streams/multipart-subscription.js';
import { streamDeferred } from '../streams/stream-deferred.js';
import { sendAsEvents, streamSubscription } from '../streams/stream-operation.js';
import { assertNotForged } from './assert-acceptable.js';
import type { CrossOriginOptions } from './cross-origin.js';
import { HttpFault } from './http-fault.js';
import { json, notAcceptable, type Acceptance, type negotiate } from './negotiate.js';
import { readRequest } from './read-request.js';
import type { RepeatedRequests } from './repeated-requests.js';
import { watchRequest } from './request-signal.js';
import { answerBatch, type BatchServing } from './serve-batch.js';
import { headerSetter, sendAnswer, sendBatch } from './send-answer.js';
import { sendDelivered } from './send-delivered.js';

export interface OperationServing extends BatchServing {
  readonly connections: LiveConnections;
  readonly negotiate: typeof negotiate;
  /** Absent where pages of no other origin may ask. */
  readonly crossOrigin: CrossOriginOptions | undefined;
  /** How often streams show that they live. 0: never. */
  readonly heartbeatMs: number;
  /** Absent where requests that come again go the whole way again. */
  readonly repeats: RepeatedRequests | undefined;
}

interface Prepared {
  readonly ready: ReadyOperation;
  readonly caller: Caller;
  readonly context: RequestContext;
}

/**
 * Serves one request: one operation, by an answer or by a stream of them, as the client accepts it.
 *
 * @throws HttpFault, AppError for a request that is none
 */
export async function serveOperation(
  request: FastifyRequest,
  reply: FastifyReply,
  serving: OperationServing,
): Promise<FastifyReply> {
  const acceptance = serving.negotiate(request.headers.accept);
  assertNotForged(request.method, request.headers, serving.crossOrigin?.isAllowedOrigin);
  if (Array.isArray(request.body)) {
    const { single, fault } = acceptance;
    if (single === eventStream) throw notAcceptable();
    const answers = await answerBatch(request, reply, request.body, serving);
    return sendBatch(reply, single ?? fault, answers);
  }
  const operation = readRequest(request);
  const watched = watchRequest(reply.raw, serving.requestTimeoutMs);
  try {
    const prepared = await prepare(request, reply, { operation, acceptance, serving, signal: watched.signal });
    assertServable(prepared.ready, request.method, acceptance);
    return await answer(request, prepared, reply, acceptance, serving);
  } catch (error) {
    if (error instanceof HttpFault) throw error;
    return refuse(error, request, reply, acceptance);
  } finally {
    watched.release();
  }
}

interface Preparing {
  readonly operation: OperationRequest;
  readonly acceptance: Acceptance;
  readonly serving: OperationServing;
  readonly signal: AbortSignal;
}

async function prepare(
  request: FastifyRequest,
  reply: FastifyReply,
  { operation, acceptance, serving, signal }: Preparing,
): Promise<Prepared> {
  const { headers, id, raw } = request;
  const { handler, forwardHeaders, clientAddressOf, repeats } = serving;
  const clientAddress = clientAddressOf(raw);
  const caller = forwardHeaders(await handler.authenticate(headers.authorization, clientAddress), headers);
  const context = createRequestContext(caller, headers, id, signal, {
    clientAddress,
    setResponseHeader: headerSetter(reply),
    ...(repeats !== undefined && { offerRepeat: repeats.listen(request, reply, caller, acceptance.single) }),
  });
  return { ready: await handler.prepare(operation, context), caller, context };
}

function assertServable({ kind, runDeferred }: ReadyOperation, method: string, acceptance: Acceptance): void {
  const { single, stream, deferred } = acceptance;
  if (kind === 'mutation' && method === 'GET') {
    throw new HttpFault(405, 'Mutations are not served over GET', { allow: 'POST' });
  }
  const isInParts = deferred !== undefined && runDeferred !== undefined;
  if (kind !== 'subscription' && single === undefined && !isInParts) throw notAcceptable();
  if (kind === 'subscription' && stream === undefined) {
    throw new AppError(
      'BAD_USER_INPUT',
      'Subscriptions are served over WebSocket (graphql-transport-ws), or as text/event-stream or multipart/mixed: accept one',
    );
  }
}

async function answer(
  request: FastifyRequest,
  { ready, caller, context }: Prepared,
  reply: FastifyReply,
  { single, stream, deferred, fault }: Acceptance,
  serving: OperationServing,
): Promise<FastifyReply> {
  if (ready.kind === 'subscription') {
    const format = stream === eventStream ? serverSentEvents : multipartSubscription;
    return streamSubscription(reply, ready, context, format, { ...serving, caller });
  }
  if (deferred !== undefined && ready.runDeferred !== undefined) {
    const parts = await ready.runDeferred(context);
    const isWhole = parts.later === undefined && single !== undefined && single !== eventStream;
    if (isWhole) return sendAnswer(reply, single, parts.first);
    await streamDeferred(reply, parts, deferred, serving.requestTimeoutMs);
    return reply;
  }
  const result = await ready.run(context);
  if (single === eventStream) return sendAsEvents(reply, result);
  const delivered = result[delivery];
  // Extensions are for this client alone, and nobody is to keep them.
  if (delivered === undefined || result.extensions !== undefined) return sendAnswer(reply, single ?? fault, result);
  return sendDelivered(request, reply, single ?? fault, result, delivered);
}

/** Who reads events is told of a fault in the operation by an event; what concerns HTTP itself keeps its status. */
function refuse(error: unknown, request: FastifyRequest, reply: FastifyReply, acceptance: Acceptance): FastifyReply {
  const refusal = { errors: answerErrors(error, request.id, request.log) };
  const isOfOperation = statusOf(refusal, json) === 200;
  return acceptance.single === eventStream && isOfOperation
    ? sendAsEvents(reply, refusal)
    : sendAnswer(reply, acceptance.fault, refusal);
}
