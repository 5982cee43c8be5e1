import { AppError } from '@tessera/service/errors';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Caller, RequestContext } from '../../context.js';
import { runWithDeadline } from '../deadline.js';
import { answerErrors } from '../format-error.js';
import type { AnswerStream, ReadyOperation } from '../operation-handler.js';
import type { OperationRequest } from '../operation-request.js';
import { createRequestContext } from '../request-context.js';
import type { ChannelOperation, EventChannel } from '../streams/event-channel.js';
import type { EventChannels } from '../streams/event-channels.js';
import { HttpFault } from './http-fault.js';
import { replyOnce } from './http-reply.js';
import type { OperationServing } from './serve-operation.js';
import { eventStream } from '../streams/server-sent-events.js';
import { readRequest } from './read-request.js';
import { send } from './send-answer.js';

export interface ChannelServing extends OperationServing {
  readonly channels: EventChannels;
}

const maxIdLength = 256;

/** The token of a single connection, where the request has to do with one. */
export function channelTokenOf({ headers, query }: FastifyRequest): string | undefined {
  const inHeader = headers['x-graphql-event-stream-token'];
  const token = inHeader ?? (query as { readonly token?: unknown }).token;
  return typeof token === 'string' && token !== '' ? token : undefined;
}

/** `PUT`: reserves a single connection, and answers with its token. @throws AppError */
export async function serveReservation(
  request: FastifyRequest,
  reply: FastifyReply,
  { handler, forwardHeaders, clientAddressOf, channels }: ChannelServing,
): Promise<FastifyReply> {
  const { headers, raw } = request;
  const caller = forwardHeaders(await handler.authenticate(headers.authorization, clientAddressOf(raw)), headers);
  const token = channels.reserve(caller);
  return reply
    .code(201)
    .headers({ 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' })
    .send(token);
}

/**
 * Serves a request that has to do with a single connection: opens its stream, begins an operation, or stops one.
 *
 * @throws HttpFault, AppError
 */
export async function serveChannel(
  request: FastifyRequest,
  reply: FastifyReply,
  token: string,
  serving: ChannelServing,
): Promise<FastifyReply> {
  const channel = serving.channels.find(token);
  if (request.method === 'DELETE') {
    channel.stop(operationIdOf((request.query as { readonly operationId?: unknown }).operationId));
    return reply.code(200).send();
  }
  const acceptance = serving.negotiate(request.headers.accept);
  if (acceptance.single === eventStream) {
    channel.markOpened();
    return channel.stream.open(reply, serving.heartbeatMs);
  }
  const operation = readRequest(request);
  await assertSameCaller(request, channel, serving);
  const accepted = channel.begin(operationIdOf(operation.extensions?.['operationId']));
  try {
    const ready = await prepare(request, operation, channel, accepted, serving);
    if (accepted.signal.aborted) return reply.code(204).send();
    run(request, ready, channel, accepted, serving);
    return reply.code(202).send();
  } catch (error) {
    accepted.release();
    if (error instanceof HttpFault) throw error;
    const refusal = replyOnce({ errors: answerErrors(error, request.id, request.log) }, acceptance.fault);
    // Whatever the media type: clients tell by the status alone whether an operation was begun.
    return send(reply, { ...refusal, status: refusal.status === 200 ? 400 : refusal.status });
  }
}

function operationIdOf(value: unknown): string {
  if (typeof value === 'string' && value !== '' && value.length <= maxIdLength) return value;
  throw new AppError('BAD_USER_INPUT', `Parameter operationId must be a text of at most ${maxIdLength} characters`);
}

/** A channel belongs to who reserved it. Who sends the token alone is taken for that caller, as on a socket. */
async function assertSameCaller(
  { headers, raw }: FastifyRequest,
  { stream }: EventChannel,
  { handler, clientAddressOf }: ChannelServing,
): Promise<void> {
  if (headers.authorization === undefined) return;
  const { encodedPrincipal, forwardedHeaders } = await handler.authenticate(
    headers.authorization,
    clientAddressOf(raw),
  );
  const { caller } = stream;
  const isSame =
    encodedPrincipal === caller.encodedPrincipal &&
    // Where nobody is authenticated here, the header itself is all that tells callers apart.
    (forwardedHeaders['authorization'] ?? caller.forwardedHeaders['authorization']) ===
      caller.forwardedHeaders['authorization'];
  if (!isSame) throw new AppError('FORBIDDEN', 'The stream of this token belongs to another caller');
}

async function prepare(
  request: FastifyRequest,
  operation: OperationRequest,
  { stream }: EventChannel,
  { signal }: ChannelOperation,
  { handler, requestTimeoutMs, ...sides }: ChannelServing,
): Promise<ReadyOperation> {
  const ready = await runWithDeadline(signal, requestTimeoutMs, (limited) =>
    handler.prepare(operation, contextOf(request, stream.caller, sides, limited)),
  );
  if (ready.kind === 'mutation' && request.method === 'GET') {
    throw new HttpFault(405, 'Mutations are not served over GET', { allow: 'POST' });
  }
  return ready;
}

function run(
  request: FastifyRequest,
  ready: ReadyOperation,
  { stream }: EventChannel,
  accepted: ChannelOperation,
  { requestTimeoutMs, ...sides }: ChannelServing,
): void {
  const contextUntil = (signal: AbortSignal): RequestContext => contextOf(request, stream.caller, sides, signal);
  accepted.run(
    (signal) =>
      ready.kind === 'subscription'
        ? ready.subscribe({ ...contextUntil(signal), onFallenBehind: () => stream.cut() })
        : once(() =>
            stream.answer(() =>
              runWithDeadline(signal, requestTimeoutMs, (limited) => ready.run(contextUntil(limited))),
            ),
          ),
    (error) => answerErrors(error, request.id, request.log),
  );
}

async function* once(work: () => ReturnType<ReadyOperation['run']>): AnswerStream {
  yield { answer: await work() };
}

function contextOf(
  { headers, id, raw }: FastifyRequest,
  caller: Caller,
  { clientAddressOf, clientPlaceOf }: Pick<ChannelServing, 'clientAddressOf' | 'clientPlaceOf'>,
  signal: AbortSignal,
) {
  const clientSide = { clientAddress: clientAddressOf(raw), clientPlace: clientPlaceOf(raw) };
  return createRequestContext(caller, headers, id, signal, clientSide);
}
