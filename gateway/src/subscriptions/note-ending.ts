import { AppError } from '@tessera/service/errors';
import { OperationRefusal } from '../transport/operation-refusal.js';
import type { EventStreamParts } from './event-stream.js';

/**
 * Why a client's subscription ended: its stream came to its end, its client left, it goes on elsewhere (with another supergraph
 * or other rights), its subgraph refused it, or an error of this code ended it.
 */
export type SubscriptionEnd = 'completed' | 'left' | 'moved' | 'refused' | AppError['code'];

/** Tells once why a stream ended. */
export function noteEnding<Result>(
  { next, pour, close }: EventStreamParts<Result>,
  wasMoved: () => boolean,
  ended: (end: SubscriptionEnd) => void,
): EventStreamParts<Result> {
  let end: SubscriptionEnd = 'left';
  const finish = (): void => {
    end = wasMoved() ? 'moved' : 'completed';
  };
  const fail = (error: unknown): never => {
    if (error instanceof OperationRefusal) end = 'refused';
    else end = error instanceof AppError ? error.code : 'INTERNAL_SERVER_ERROR';
    throw error;
  };
  return {
    async next() {
      const result = await next().catch(fail);
      if (result.done === true) finish();
      return result;
    },
    async pour(take) {
      await pour(take).catch(fail);
      finish();
    },
    close() {
      close();
      ended(end);
    },
  };
}
