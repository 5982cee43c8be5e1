import { AppError } from './app-error.js';

/** `extensions` of a GraphQL error, and the body of a plain HTTP error, as clients see it. */
export interface ErrorExtensions {
  readonly code: string;
  readonly requestId?: string;
  readonly details?: Readonly<Record<string, unknown>>;
  readonly retryAfterSeconds?: number;
}

/** Builds the visible extensions of an {@link AppError}. */
export function errorExtensions(error: AppError, requestId?: string): ErrorExtensions {
  return {
    code: error.code,
    ...(requestId === undefined ? {} : { requestId }),
    ...(error.details === undefined ? {} : { details: error.details }),
    ...(error.retryAfterSeconds === undefined ? {} : { retryAfterSeconds: error.retryAfterSeconds }),
  };
}

/** Turns whatever was thrown into an {@link AppError}; what is not ours becomes `INTERNAL_SERVER_ERROR` with its cause kept. */
export function toAppError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  return new AppError('INTERNAL_SERVER_ERROR', 'An unexpected error happened', { cause: thrown });
}
