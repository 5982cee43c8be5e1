import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '@tessera/service/errors';
import type { ClientAddressOf } from '@tessera/service/http';
import type { FormattedExecutionResult } from 'graphql';
import { delivery, type DeliveredAnswer } from '../answer-delivery.js';
import { answerErrors, statusOf } from '../format-error.js';
import type { ForwardHeaders } from '../forward-headers.js';
import { formatAppError } from '../operation-refusal.js';
import type { OperationHandler } from '../operation-handler.js';
import type { OperationRequest } from '../operation-request.js';
import { createRequestContext } from '../request-context.js';
import { assertContentType, assertNotForged } from './assert-acceptable.js';
import { HttpFault } from './http-fault.js';
import { json, negotiateMediaType, prefersHtml, type ResponseMediaType } from './negotiate.js';
import { readRequest } from './read-request.js';
import { watchRequest } from './request-signal.js';
import { sendDelivered } from './send-delivered.js';

export interface HttpTransportOptions {
  readonly handler: OperationHandler;
  readonly requestTimeoutMs: number;
  readonly forwardHeaders: ForwardHeaders;
  readonly clientAddressOf: ClientAddressOf;
  /** The page for people who open the endpoint in a browser; absent where there is none. */
  readonly servePage: ((reply: FastifyReply) => FastifyReply) | undefined;
}

const path = '/graphql';
const allowed = { allow: 'GET, POST' };

/** Serves GraphQL over HTTP (https://graphql.github.io/graphql-over-http/draft/). */
export function addHttpTransport(server: FastifyInstance, options: HttpTransportOptions): void {
  void server.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('application/json', { parseAs: 'string' }, scope.getDefaultJsonParser('error', 'error'));
    scope.setErrorHandler((thrown, request, reply) => sendFault(thrown, request, reply));
    scope.addHook('onRequest', async (request) => {
      if (request.method !== 'GET' && request.method !== 'POST') {
        throw new HttpFault(405, 'GraphQL is served over GET and POST', allowed);
      }
      assertContentType(request.method, request.headers);
    });
    scope.all(path, async (request, reply) => {
      if (request.method === 'GET' && options.servePage !== undefined && prefersHtml(request.headers.accept)) {
        return options.servePage(reply);
      }
      return serve(request, reply, options);
    });
  });
}

async function serve(
  request: FastifyRequest,
  reply: FastifyReply,
  options: HttpTransportOptions,
): Promise<FastifyReply> {
  const mediaType = negotiateMediaType(request.headers.accept);
  assertNotForged(request.method, request.headers);
  const operation = readRequest(request);
  const answer = await answerOperation(request, reply, operation, options);
  const delivered = answer[delivery];
  if (delivered !== undefined) return sendDelivered(request, reply, mediaType, answer, delivered);
  const status = statusOf(answer, mediaType);
  if (status === 401) reply.header('www-authenticate', 'Bearer error="invalid_token"');
  return send(reply, status, mediaType, answer);
}

async function answerOperation(
  request: FastifyRequest,
  reply: FastifyReply,
  operation: OperationRequest,
  { handler, requestTimeoutMs, forwardHeaders, clientAddressOf }: HttpTransportOptions,
): Promise<DeliveredAnswer> {
  const watched = watchRequest(reply.raw, requestTimeoutMs);
  try {
    const clientAddress = clientAddressOf(request.raw);
    const caller = await handler.authenticate(request.headers.authorization, clientAddress);
    const context = createRequestContext(
      forwardHeaders(caller, request.headers),
      request.headers,
      request.id,
      watched.signal,
      {
        clientAddress,
        setResponseHeader: (name, value) => void reply.header(name, value),
      },
    );
    const ready = await handler.prepare(operation, context);
    if (ready.kind === 'mutation' && request.method === 'GET') {
      throw new HttpFault(405, 'Mutations are not served over GET', { allow: 'POST' });
    }
    if (ready.kind === 'subscription') {
      throw new AppError('BAD_USER_INPUT', 'Subscriptions are served over WebSocket (graphql-transport-ws)');
    }
    return await ready.run(context);
  } catch (error) {
    if (error instanceof HttpFault) throw error;
    return { errors: answerErrors(error, request.id, request.log) };
  } finally {
    watched.release();
  }
}

function sendFault(thrown: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const fault = asFault(thrown);
  if (fault === undefined) throw thrown;
  return send(reply.headers(fault.headers), fault.status, mediaTypeOfFault(request), {
    errors: [formatAppError(fault.error, request.id)],
  });
}

/** Fastify's own faults carry a status and a message that is made for clients. */
function asFault(thrown: unknown): HttpFault | undefined {
  if (thrown instanceof HttpFault) return thrown;
  if (thrown instanceof AppError) {
    const { traits, message, code, retryAfterSeconds } = thrown;
    return new HttpFault(
      traits.httpStatus,
      message,
      {},
      code,
      retryAfterSeconds === undefined ? {} : { retryAfterSeconds },
    );
  }
  const { statusCode, message } = thrown as { readonly statusCode?: number; readonly message?: string };
  if (statusCode === 413) {
    return new HttpFault(413, 'The body is larger than this gateway accepts', {}, 'OPERATION_TOO_LARGE');
  }
  if (statusCode === undefined || statusCode < 400 || statusCode >= 500) return undefined;
  return new HttpFault(statusCode, message ?? 'The request is not valid');
}

function mediaTypeOfFault(request: FastifyRequest): ResponseMediaType {
  try {
    return negotiateMediaType(request.headers.accept);
  } catch {
    return json;
  }
}

function send(
  reply: FastifyReply,
  status: number,
  mediaType: ResponseMediaType,
  answer: FormattedExecutionResult,
): FastifyReply {
  const retryAfterSeconds =
    answer.data === undefined ? answer.errors?.[0]?.extensions?.['retryAfterSeconds'] : undefined;
  if (typeof retryAfterSeconds === 'number') reply.header('retry-after', String(retryAfterSeconds));
  return reply
    .code(status)
    .header('content-type', `${mediaType}; charset=utf-8`)
    .header('cache-control', 'no-store')
    .header('vary', 'accept')
    .header('x-content-type-options', 'nosniff')
    .send(JSON.stringify(answer));
}
