import { AppError } from '@tessera/service/errors';
import { OperationRefusal } from '../transport/operation-refusal.js';
import type { Failure } from '../transport/pour-stream.js';

/**
 * Why a client's subscription ended: its stream came to its end, its client left, it goes on elsewhere (with another supergraph
 * or other rights), its subgraph refused it, or an error of this code ended it.
 */
export type SubscriptionEnd = 'completed' | 'left' | 'moved' | 'refused' | AppError['code'];

/** What is known of an end. */
export interface KnownEnd {
  readonly failure: Failure | undefined;
  /** Whether all that came was taken, and no more comes. */
  readonly isComplete: boolean;
  readonly wasMoved: boolean;
}

/** Why a stream ended. */
export function endingOf({ failure, isComplete, wasMoved }: KnownEnd): SubscriptionEnd {
  if (failure === undefined) return isComplete ? (wasMoved ? 'moved' : 'completed') : 'left';
  if (failure.error instanceof OperationRefusal) return 'refused';
  return failure.error instanceof AppError ? failure.error.code : 'INTERNAL_SERVER_ERROR';
}
