import type { FastifyReply, FastifyRequest } from 'fastify';
import { answerErrors, statusOf } from '../format-error.js';
import type { LiveConnections } from '../live-connections.js';
import { asksForBeginning, withLastEventId } from '../last-event-id.js';
import type { OperationRequest } from '../operation-request.js';
import { announcedEvents, eventStream, serverSentEvents } from '../streams/server-sent-events.js';
import { multipartSubscription } from '../streams/multipart-subscription.js';
import type { StreamFormat } from '../streams/stream-format.js';
import { streamDeferred } from '../streams/stream-deferred.js';
import { sendAsEvents, streamSubscription } from '../streams/stream-operation.js';
import { assertNotForged } from './assert-acceptable.js';
import type { CrossOriginOptions } from './cross-origin.js';
import { HttpFault } from './http-fault.js';
import { replyToBatch, replyWith } from './http-reply.js';
import { json, notAcceptable, type Acceptance, type negotiate } from './negotiate.js';
import { prepareIncoming, type PreparedIncoming } from './prepare-incoming.js';
import { readRequest } from './read-request.js';
import type { RepeatedRequests } from './repeated-requests.js';
import { watchRequest } from './request-signal.js';
import { answerBatch, type BatchServing } from './serve-batch.js';
import { headerSetter, send, sendAnswer } from './send-answer.js';

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
  const { repeats } = serving;
  const acceptance = serving.negotiate(request.headers.accept);
  assertNotForged(request.method, request.headers, serving.crossOrigin?.isAllowedOrigin);
  if (Array.isArray(request.body)) {
    const { single, fault } = acceptance;
    if (single === eventStream) throw notAcceptable();
    return send(reply, replyToBatch(await answerBatch(request, reply, request.body, serving), single ?? fault));
  }
  const requested = readRequest(request);
  const isEventStream = acceptance.stream === eventStream;
  const operation = isEventStream ? withLastEventId(requested, request.headers['last-event-id']) : requested;
  const watched = watchRequest(reply.raw, serving.requestTimeoutMs);
  const listened = () => ({
    message: request.raw,
    body: '',
    response: reply.raw,
    sentHeaders: () => reply.getHeaders(),
    mediaType: acceptance.single,
  });
  const incoming = {
    operation,
    message: request.raw,
    requestId: request.id,
    acceptance,
    signal: watched.signal,
    setResponseHeader: headerSetter(reply),
    offerRepeatOf: request.method === 'GET' ? repeats && ((caller) => repeats.listen(listened(), caller)) : undefined,
  } satisfies Parameters<typeof prepareIncoming>[0];
  try {
    const prepared = await prepareIncoming(incoming, serving);
    if (prepared.ready.kind === 'subscription')
      return stream(reply, prepared, formatOf(requested, acceptance), serving);
    return await answer(request, prepared, reply, acceptance, serving);
  } catch (error) {
    if (error instanceof HttpFault) throw error;
    return refuse(error, request, reply, acceptance);
  } finally {
    watched.release();
  }
}

/** Who asks where an event stream begins reads `id` lines by itself no more than graphql-sse's client does. */
function formatOf(requested: OperationRequest, { stream }: Acceptance): StreamFormat {
  if (stream !== eventStream) return multipartSubscription;
  return asksForBeginning(requested) ? announcedEvents : serverSentEvents;
}

function stream(
  reply: FastifyReply,
  { ready, caller, context }: PreparedIncoming,
  format: StreamFormat,
  serving: OperationServing,
): FastifyReply {
  return streamSubscription(reply, ready, context, format, { ...serving, caller });
}

async function answer(
  request: FastifyRequest,
  { ready, context }: PreparedIncoming,
  reply: FastifyReply,
  { single, deferred, fault }: Acceptance,
  serving: OperationServing,
): Promise<FastifyReply> {
  if (deferred !== undefined && ready.runDeferred !== undefined) {
    const parts = await ready.runDeferred(context);
    const isWhole = parts.later === undefined && single !== undefined && single !== eventStream;
    if (isWhole) return sendAnswer(reply, single, parts.first);
    await streamDeferred(reply, parts, deferred, serving.requestTimeoutMs);
    return reply;
  }
  const result = await ready.run(context);
  if (single === eventStream) return sendAsEvents(reply, result);
  return send(reply, replyWith(result, single ?? fault, request));
}

/** Who reads events is told of a fault in the operation by an event; what concerns HTTP itself keeps its status. */
function refuse(error: unknown, request: FastifyRequest, reply: FastifyReply, acceptance: Acceptance): FastifyReply {
  const refusal = { errors: answerErrors(error, request.id, request.log) };
  const isOfOperation = statusOf(refusal, json) === 200;
  return acceptance.single === eventStream && isOfOperation
    ? sendAsEvents(reply, refusal)
    : sendAnswer(reply, acceptance.fault, refusal);
}
