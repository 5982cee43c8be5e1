import { AppError } from '@tessera/service/errors';
import type { Caller } from '../../context.js';
import type { ForwardHeaders } from '../forward-headers.js';
import type { OperationHandler } from '../operation-handler.js';
import { closureFor } from './close-codes.js';
import { initHeaders } from './init-headers.js';
import { lastingHeaders } from './lasting-headers.js';
import type { SocketSession } from './socket-session.js';

/** By what a fresh token is judged. */
export interface ReauthenticateOptions {
  readonly handler: Pick<OperationHandler, 'authenticate'>;
  readonly forwardHeaders: ForwardHeaders;
}

/** The token that a `ping` brings; undefined where it only asks whether somebody is there. */
export function tokenIn(payload: Readonly<Record<string, unknown>> | undefined): string | undefined {
  const { authorization } = initHeaders(payload);
  return typeof authorization === 'string' ? authorization : undefined;
}

/**
 * Goes on with a fresh token on a socket that is open. Its subscriptions go on too, with the rights of the token.
 *
 * @throws SocketClosure 4403 for a token that is not valid, and for another caller's; 1013 where it cannot be judged now
 */
export async function reauthenticate(
  session: SocketSession,
  authorization: string,
  { handler, forwardHeaders }: ReauthenticateOptions,
): Promise<void> {
  try {
    const caller = await handler.authenticate(authorization, session.clientAddress);
    assertSame(session.caller, caller);
    const headers = { ...session.headers, authorization };
    session.headers = lastingHeaders(headers, forwardHeaders);
    session.renew(forwardHeaders(caller, headers));
  } catch (error) {
    throw closureFor(error);
  }
}

function assertSame(before: Caller | undefined, { principal }: Caller): void {
  const { kind, userId, tenantId } = before?.principal ?? {};
  if (kind === principal.kind && userId === principal.userId && tenantId === principal.tenantId) return;
  throw new AppError('FORBIDDEN', 'Another caller needs a socket of its own');
}
