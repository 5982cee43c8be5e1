import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AnswerDelivery, DeliveredAnswer } from '../answer-delivery.js';
import { json, type ResponseMediaType } from './negotiate.js';

/** What tells one client how it stands is not to be kept for the others. */
const ofThisClient = ['ratelimit', 'ratelimit-policy'];

/** Sends an answer that says how it may be kept; a client that has these very bytes already is told so (RFC 9110, 13.1.2). */
export function sendDelivered(
  request: FastifyRequest,
  reply: FastifyReply,
  mediaType: ResponseMediaType,
  answer: DeliveredAnswer,
  { headers, vary, body, etag }: AnswerDelivery,
): FastifyReply {
  reply.headers(headers).header('vary', vary === '' ? 'accept' : `accept, ${vary}`);
  if (isForEverybody(headers)) for (const name of ofThisClient) reply.removeHeader(name);
  if (etag !== undefined) {
    const validator = validatorOf(etag, mediaType);
    reply.header('etag', validator);
    if (request.method === 'GET' && matches(request.headers['if-none-match'], validator)) return reply.code(304).send();
  }
  return reply
    .code(200)
    .header('content-type', `${mediaType}; charset=utf-8`)
    .header('x-content-type-options', 'nosniff')
    .send(body ?? JSON.stringify(answer));
}

/** The same bytes under another media type are another representation. */
export function validatorOf(etag: string, mediaType: ResponseMediaType): string {
  return mediaType === json ? `"${etag}"` : `"${etag}-r"`;
}

function isForEverybody(headers: AnswerDelivery['headers']): boolean {
  return headers['cache-control']?.startsWith('public') === true;
}

function matches(ifNoneMatch: string | undefined, validator: string): boolean {
  if (ifNoneMatch === undefined) return false;
  // `If-None-Match` compares weakly: what a cache on the way has marked as weak is still ours.
  return ifNoneMatch.split(',').some((entry) => {
    const given = entry.trim();
    return given === '*' || given.replace(/^W\//, '') === validator;
  });
}
