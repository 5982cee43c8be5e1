import { errorCodes, type ErrorCode, type ErrorCodeTraits } from './codes.js';

export interface AppErrorOptions {
  readonly cause?: unknown;
  /** Facts a client may branch on: plain JSON, never a secret. */
  readonly details?: Readonly<Record<string, unknown>>;
  readonly retryAfterSeconds?: number;
}

/**
 * The one error type that Tessera throws on purpose.
 *
 * @param code a row of {@link errorCodes}; status, log level and visibility follow from it
 * @param message starts with the thing that is wrong; names the kind of a value, never a secret value
 */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: ErrorCode;
  readonly details: Readonly<Record<string, unknown>> | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(code: ErrorCode, message: string, options: AppErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.details = options.details;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }

  get traits(): ErrorCodeTraits {
    return errorCodes[this.code];
  }
}

/** The `NOT_FOUND` that hides whether a thing does not exist or belongs to somebody else. */
export function notFound(kind: string): AppError {
  return new AppError('NOT_FOUND', `${kind} was not found`);
}
