import { AppError } from '@tessera/service/errors';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { FormattedExecutionResult } from 'graphql';
import type { RequestContext } from '../../context.js';
import { answerErrors } from '../format-error.js';
import type { OperationHandler } from '../operation-handler.js';
import { parseOperationRequest } from '../operation-request.js';
import { createRequestContext } from '../request-context.js';
import type { IncomingServing } from './prepare-incoming.js';
import { watchRequest } from './request-signal.js';

export interface BatchServing extends IncomingServing {
  /** Operations of one request. 1: batches are refused. */
  readonly maxBatchSize: number;
}

/**
 * Answers a batch: a list of requests by the list of their answers (https://www.apollographql.com/docs/apollo-server/workflow/requests#batching).
 * Every operation is one of its own to every guard behind: limits, counts and refusals are those of single operations.
 *
 * @throws AppError `BAD_USER_INPUT`, `OPERATION_TOO_LARGE`, and as `handler.authenticate` does
 */
export async function answerBatch(
  request: FastifyRequest,
  reply: FastifyReply,
  batch: readonly unknown[],
  serving: BatchServing,
): Promise<readonly FormattedExecutionResult[]> {
  assertBatch(batch, serving.maxBatchSize);
  const { handler, requestTimeoutMs, forwardHeaders, clientAddressOf, clientPlaceOf } = serving;
  const watched = watchRequest(reply.raw, requestTimeoutMs);
  try {
    const { headers, id } = request;
    const clientAddress = clientAddressOf(request.raw);
    const clientPlace = clientPlaceOf(request.raw);
    const caller = forwardHeaders(await handler.authenticate(headers.authorization, clientAddress), headers);
    // Each has a context of its own; none can set headers, which are the whole batch's.
    const contextOf = (): RequestContext =>
      createRequestContext(caller, headers, id, watched.signal, { clientAddress, clientPlace });
    return await Promise.all(
      batch.map((parameters) =>
        answerOne(parameters, contextOf(), handler).catch((error: unknown) => ({
          errors: answerErrors(error, id, request.log),
        })),
      ),
    );
  } finally {
    watched.release();
  }
}

function assertBatch(batch: readonly unknown[], maxBatchSize: number): void {
  if (maxBatchSize === 1) {
    throw new AppError('BAD_USER_INPUT', 'Batched requests are not accepted: send one operation at a time');
  }
  if (batch.length === 0) throw new AppError('BAD_USER_INPUT', 'The batch is empty');
  if (batch.length > maxBatchSize) {
    throw new AppError('OPERATION_TOO_LARGE', `The batch has more than ${maxBatchSize} operations`, {
      details: { limit: maxBatchSize },
    });
  }
  if (batch.some(Array.isArray)) throw new AppError('BAD_USER_INPUT', 'A batch must not hold another batch');
}

async function answerOne(
  parameters: unknown,
  context: RequestContext,
  handler: OperationHandler,
): Promise<FormattedExecutionResult> {
  const ready = await handler.prepare(parseOperationRequest(parameters), context);
  if (ready.kind === 'subscription') throw new AppError('BAD_USER_INPUT', 'A batch must not hold a subscription');
  return ready.run(context);
}
