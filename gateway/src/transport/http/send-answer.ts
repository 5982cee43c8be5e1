import { AppError } from '@tessera/service/errors';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { FormattedExecutionResult } from 'graphql';
import { statusOf } from '../format-error.js';
import { formatAppError } from '../operation-refusal.js';
import { HttpFault } from './http-fault.js';
import { json, negotiate, type ResponseMediaType } from './negotiate.js';

/** For what other rooms have to say in an answer's headers. */
export function headerSetter(reply: FastifyReply): (name: string, value: string) => void {
  return (name, value) => void reply.header(name, value);
}

/** Sends an answer in one piece, with the status that its errors ask for. */
export function sendAnswer(
  reply: FastifyReply,
  mediaType: ResponseMediaType,
  answer: FormattedExecutionResult,
): FastifyReply {
  const status = statusOf(answer, mediaType);
  if (status === 401) reply.header('www-authenticate', 'Bearer error="invalid_token"');
  return send(reply, status, mediaType, answer);
}

/** Sends the answers of a batch; each says of itself what went wrong. */
export function sendBatch(
  reply: FastifyReply,
  mediaType: ResponseMediaType,
  answers: readonly FormattedExecutionResult[],
): FastifyReply {
  return write(reply, 200, mediaType, answers);
}

/** Answers what kept a request from becoming an operation. */
export function sendFault(thrown: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  // Under overload most requests end here, and another error with its stack would cost an eighth of it.
  if (thrown instanceof AppError) return sendError(thrown, thrown.traits.httpStatus, request, reply);
  const fault = asFault(thrown);
  if (fault === undefined) throw thrown;
  return sendError(fault.error, fault.status, request, reply.headers(fault.headers));
}

function sendError(error: AppError, status: number, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return send(reply, status, mediaTypeOfFault(request), { errors: [formatAppError(error, request.id)] });
}

/** Fastify's own faults carry a status and a message that is made for clients. */
function asFault(thrown: unknown): HttpFault | undefined {
  if (thrown instanceof HttpFault) return thrown;
  const { statusCode, message } = thrown as { readonly statusCode?: number; readonly message?: string };
  if (statusCode === 413) {
    return new HttpFault(413, 'The body is larger than this gateway accepts', {}, 'OPERATION_TOO_LARGE');
  }
  if (statusCode === undefined || statusCode < 400 || statusCode >= 500) return undefined;
  return new HttpFault(statusCode, message ?? 'The request is not valid');
}

function mediaTypeOfFault(request: FastifyRequest): ResponseMediaType {
  try {
    return negotiate(request.headers.accept).fault;
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
  return write(reply, status, mediaType, answer);
}

function write(
  reply: FastifyReply,
  status: number,
  mediaType: ResponseMediaType,
  body: FormattedExecutionResult | readonly FormattedExecutionResult[],
): FastifyReply {
  return reply
    .code(status)
    .header('content-type', `${mediaType}; charset=utf-8`)
    .header('cache-control', 'no-store')
    .header('vary', 'accept')
    .header('x-content-type-options', 'nosniff')
    .send(JSON.stringify(body));
}
