import { AppError } from '@tessera/service/errors';

/** Why the gateway closes a socket. Those from 4400 are graphql-transport-ws's; graphql-ws clients come back after 4403. */
export const closeCodes = {
  /** The process stops: come back, to another one. */
  goingAway: 1001,
  /** Something that was needed to let the socket in is away for now. */
  tryAgainLater: 1013,
  badRequest: 4400,
  /** The session of this socket was ended: signing in again is the only way back. */
  sessionEnded: 4401,
  /** The token is not valid, or not any more: come back with a fresh one. */
  forbidden: 4403,
  internalError: 4500,
  /** The client reads slower than its events come, and none of them may be left out: come back, and catch up. */
  fellBehind: 4508,
} as const;

/** Thrown while a message is handled, to close the socket with a reason of its own. */
export class SocketClosure extends Error {
  override readonly name = 'SocketClosure';

  constructor(
    readonly code: number,
    reason: string,
    options?: ErrorOptions,
  ) {
    super(reason, options);
  }
}

/** The WebSocket protocol leaves 123 bytes for a reason. */
export function closeReason(text: string): string {
  return Buffer.byteLength(text) <= 123 ? text : `${Buffer.from(text).subarray(0, 120).toString('latin1')}...`;
}

/** How a socket is closed whose client cannot be let in, or stay. */
export function closureFor(error: unknown): unknown {
  if (!(error instanceof AppError)) return error;
  const isRefused = error.code === 'UNAUTHENTICATED' || error.code === 'FORBIDDEN';
  const code = isRefused ? closeCodes.forbidden : closeCodes.tryAgainLater;
  return new SocketClosure(code, `${error.code}: ${error.message}`, { cause: error });
}
