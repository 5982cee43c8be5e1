import type { AppError } from '@tessera/service/errors';
import { unauthenticated } from '@tessera/service/identity';
import type { Caller } from '../context.js';

/** A timer holds 2^31 - 1 ms at most, and wraps to "at once" beyond. */
const longestTimerMs = 2 ** 31 - 1;

/**
 * Tells when a caller's token has expired.
 *
 * @returns what forgets about it
 */
export function watchExpiry({ expiresAtMs }: Caller, onExpired: (reason: AppError) => void): () => void {
  if (expiresAtMs === undefined) return () => undefined;
  const timer = setTimeout(
    () => onExpired(unauthenticated('TOKEN_EXPIRED', 'The access token has expired')),
    Math.min(expiresAtMs - Date.now(), longestTimerMs),
  );
  return () => clearTimeout(timer);
}

/**
 * Why everything of a session ends that was ended (signed out, revoked, removed), or has other rights than its token says.
 *
 * @param mayReturn whether a fresh token lets the caller in again
 */
export function sessionEnded(mayReturn: boolean): AppError {
  const reason = mayReturn
    ? 'The rights of the session have changed: refresh the access token'
    : 'The session has ended';
  return unauthenticated('TOKEN_REVOKED', reason);
}
