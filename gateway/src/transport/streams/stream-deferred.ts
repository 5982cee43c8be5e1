import type { FastifyReply } from 'fastify';
import type { DeferredAnswer } from '../deferred-answer.js';
import type { IncrementalFormat } from './incremental-delivery.js';
import { StreamBody } from './stream-body.js';

/**
 * Answers at once with what is there, and goes on with what was deferred.
 *
 * @param stallTimeoutMs a client that takes nothing for so long is cut off
 * @returns resolves when everything has been said, or the client has gone
 */
export async function streamDeferred(
  reply: FastifyReply,
  answer: DeferredAnswer,
  format: IncrementalFormat,
  stallTimeoutMs: number,
): Promise<void> {
  const body = new StreamBody();
  const parts = answer.later?.parts;
  // Nobody listens to it, so Node destroys the socket.
  reply.raw.setTimeout(stallTimeoutMs);
  body.once('close', () => void parts?.return());
  void reply
    .code(200)
    .headers({
      'content-type': format.contentType,
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
      'x-content-type-options': 'nosniff',
      vary: 'accept',
    })
    .send(body);
  await body.send(format.first(answer));
  if (parts !== undefined) for await (const part of parts) await body.send(format.next(part));
  body.end();
}
