import { AppError } from '@tessera/service/errors';
import type { FormattedExecutionResult } from 'graphql';
import { delivery, type AnswerDelivery, type DeliveredAnswer } from '../answer-delivery.js';
import { statusOf } from '../format-error.js';
import { formatAppError } from '../operation-refusal.js';
import { HttpFault } from './http-fault.js';
import { graphqlResponse, json, negotiate, type ResponseMediaType } from './negotiate.js';

/** What goes back in one piece, whoever writes it. */
export interface HttpReply {
  readonly status: number;
  /** Names in small letters. */
  readonly headers: Readonly<Record<string, string>>;
  /** Undefined where there is none. */
  readonly body: string | Buffer | undefined;
  /** Headers of the answer so far that are not to go along. */
  readonly without?: readonly string[];
}

/** What comes with a reply: of its request, and of how much may be kept. */
interface Question {
  readonly method?: string | undefined;
  readonly headers: { readonly 'if-none-match'?: string | undefined };
}

/** What tells one client how it stands is not to be kept for the others. */
const ofThisClient = ['ratelimit', 'ratelimit-policy'];

/** The reply to an operation: as it may be kept, or for this client alone. */
export function replyWith(answer: DeliveredAnswer, mediaType: ResponseMediaType, question: Question): HttpReply {
  const delivered = answer[delivery];
  // Extensions are for this client alone, and nobody is to keep them.
  if (delivered === undefined || answer.extensions !== undefined) return replyOnce(answer, mediaType);
  return replyToKeep(answer, delivered, mediaType, question);
}

/** A reply that nobody may keep, with the status that its errors ask for. */
export function replyOnce(answer: FormattedExecutionResult, mediaType: ResponseMediaType): HttpReply {
  if (answer.data !== undefined) return writeOnce(200, mediaType, answer);
  const reply = writeOnce(statusOf(answer, mediaType), mediaType, answer);
  const retryAfterSeconds = answer.errors?.[0]?.extensions?.['retryAfterSeconds'];
  const headers = {
    ...reply.headers,
    ...(typeof retryAfterSeconds === 'number' && { 'retry-after': String(retryAfterSeconds) }),
    ...(reply.status === 401 && { 'www-authenticate': 'Bearer error="invalid_token"' }),
  };
  return { ...reply, headers };
}

/** The reply to a batch; each answer says of itself what went wrong. */
export function replyToBatch(answers: readonly FormattedExecutionResult[], mediaType: ResponseMediaType): HttpReply {
  return writeOnce(200, mediaType, answers);
}

/** @returns what kept a request from becoming an operation; undefined for what is nobody's fault but ours */
export function replyToFault(thrown: unknown, accept: string | undefined, requestId: string): HttpReply | undefined {
  // Under overload most requests end here, and another error with its stack would cost an eighth of it.
  const fault = thrown instanceof AppError ? undefined : asFault(thrown);
  const error = thrown instanceof AppError ? thrown : fault?.error;
  if (error === undefined) return undefined;
  const reply = replyOnce({ errors: [formatAppError(error, requestId)] }, mediaTypeOfFault(accept));
  const status = fault?.status ?? error.traits.httpStatus;
  return { ...reply, status, headers: { ...fault?.headers, ...reply.headers } };
}

/** A reply that says how it may be kept; a client that has these very bytes already is told so (RFC 9110, 13.1.2). */
function replyToKeep(
  answer: DeliveredAnswer,
  { headers: ofKeeping, vary, body, etag }: AnswerDelivery,
  mediaType: ResponseMediaType,
  { method, headers: asked }: Question,
): HttpReply {
  const validator = etag === undefined ? undefined : validatorOf(etag, mediaType);
  const headers = {
    ...ofKeeping,
    vary: vary === '' ? 'accept' : `accept, ${vary}`,
    ...(validator !== undefined && { etag: validator }),
  };
  const without = ofKeeping['cache-control']?.startsWith('public') === true ? ofThisClient : [];
  if (method === 'GET' && validator !== undefined && matches(asked['if-none-match'], validator)) {
    return { status: 304, headers, body: undefined, without };
  }
  const ofBody = { 'content-type': contentTypes[mediaType], 'x-content-type-options': 'nosniff' };
  return { status: 200, headers: { ...headers, ...ofBody }, body: body ?? JSON.stringify(answer), without };
}

/** The same bytes under another media type are another representation. */
export function validatorOf(etag: string, mediaType: ResponseMediaType): string {
  return mediaType === json ? `"${etag}"` : `"${etag}-r"`;
}

function matches(ifNoneMatch: string | undefined, validator: string): boolean {
  if (ifNoneMatch === undefined) return false;
  // `If-None-Match` compares weakly: what a cache on the way has marked as weak is still ours.
  return ifNoneMatch.split(',').some((entry) => {
    const given = entry.trim();
    return given === '*' || given.replace(/^W\//, '') === validator;
  });
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

function mediaTypeOfFault(accept: string | undefined): ResponseMediaType {
  try {
    return negotiate(accept).fault;
  } catch {
    return json;
  }
}

const contentTypes: Readonly<Record<ResponseMediaType, string>> = {
  [json]: `${json}; charset=utf-8`,
  [graphqlResponse]: `${graphqlResponse}; charset=utf-8`,
};

/** Made once: nearly every reply has them. */
const onceHeaders = {
  [json]: headersOnce(json),
  [graphqlResponse]: headersOnce(graphqlResponse),
};

function headersOnce(mediaType: ResponseMediaType): HttpReply['headers'] {
  return Object.freeze({
    'content-type': contentTypes[mediaType],
    'cache-control': 'no-store',
    vary: 'accept',
    'x-content-type-options': 'nosniff',
  });
}

function writeOnce(
  status: number,
  mediaType: ResponseMediaType,
  body: FormattedExecutionResult | readonly FormattedExecutionResult[],
): HttpReply {
  return { status, headers: onceHeaders[mediaType], body: JSON.stringify(body) };
}
