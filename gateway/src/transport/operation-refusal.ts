import { errorExtensions, type AppError } from '@tessera/service/errors';
import type { GraphQLFormattedError } from 'graphql';

/** An operation that will not run, for several reasons at once: each carries its place in the text and a code. */
export class OperationRefusal extends Error {
  override readonly name = 'OperationRefusal';

  constructor(readonly errors: readonly GraphQLFormattedError[]) {
    super(errors.map(({ message }) => message).join('; '));
  }
}

/** What a client sees of an error of ours that belongs to no field. */
export function formatAppError(error: AppError, requestId: string): GraphQLFormattedError {
  const message = error.traits.safeToShow ? error.message : 'An unexpected error happened';
  return { message, extensions: { ...errorExtensions(error, requestId) } };
}
