import type { FastifyReply, FastifyRequest } from 'fastify';
import type { FormattedExecutionResult } from 'graphql';
import { replyOnce, replyToFault, type HttpReply } from './http-reply.js';
import type { ResponseMediaType } from './negotiate.js';

/** For what other rooms have to say in an answer's headers. */
export function headerSetter(reply: FastifyReply): (name: string, value: string) => void {
  return (name, value) => void reply.header(name, value);
}

/** Sends what goes back in one piece. */
export function send(reply: FastifyReply, { status, headers, body, without = [] }: HttpReply): FastifyReply {
  for (const name of without) reply.removeHeader(name);
  return reply.code(status).headers(headers).send(body);
}

/** Sends an answer that nobody may keep, with the status that its errors ask for. */
export function sendAnswer(
  reply: FastifyReply,
  mediaType: ResponseMediaType,
  answer: FormattedExecutionResult,
): FastifyReply {
  return send(reply, replyOnce(answer, mediaType));
}

/** Answers what kept a request from becoming an operation. */
export function sendFault(thrown: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const fault = replyToFault(thrown, request.headers.accept, request.id);
  if (fault === undefined) throw thrown;
  return send(reply, fault);
}
