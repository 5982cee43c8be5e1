import { AppError } from '../errors/index.js';

/** Why somebody counts as nobody, and so what their client does about it. */
export type UnauthenticatedReason =
  /** There is no token: sign in. */
  | 'SIGN_IN_REQUIRED'
  /** It was good: refresh it. */
  | 'TOKEN_EXPIRED'
  /** Its session has ended, or has other rights by now: refreshing tells which. */
  | 'TOKEN_REVOKED'
  /** It is none, or not of here. */
  | 'TOKEN_INVALID'
  /** There is nothing to refresh any more: sign in. */
  | 'SESSION_ENDED'
  /** What was shown to sign in is wrong, or over: neither refreshing nor trying the same again helps. */
  | 'WRONG_CREDENTIALS';

/** `UNAUTHENTICATED` with `details.reason`. */
export function unauthenticated(reason: UnauthenticatedReason, message: string, cause?: unknown): AppError {
  return new AppError('UNAUTHENTICATED', message, { details: { reason }, ...(cause !== undefined && { cause }) });
}
