import type { FastifyReply, FastifyRequest, preHandlerAsyncHookHandler } from 'fastify';
import { AppError } from '../errors/index.js';
import type { Gate } from '../overload/index.js';

/**
 * Lets requests through a gate: from when they are read until their answer is out.
 *
 * @param keyOf whom a request is for, where those who compete share
 */
export function gateRequests(gate: Gate, keyOf: (request: FastifyRequest) => string): preHandlerAsyncHookHandler {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const entering = gate.enter(keyOf(request));
    const leave = entering instanceof Promise ? await entering : entering;
    // Whoever left while waiting will not be told of the end of an answer.
    if (reply.raw.closed) {
      leave();
      throw new AppError('PRECONDITION_FAILED', 'The gateway left before its turn had come');
    }
    reply.raw.once('close', leave);
  };
}
