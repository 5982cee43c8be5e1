import { AppError } from '@tessera/service/errors';
import type { HttpServer } from '@tessera/service/http';
import { endedSessionsPath, verifyPrincipal } from '@tessera/service/identity';
import type { SessionService } from './session.service.js';

/** Tells a gateway that starts, or that may have missed an announcement, whose access tokens to refuse. */
export function addEndedSessionsRoute(
  server: HttpServer,
  sessions: SessionService,
  principalSecrets: readonly string[],
): void {
  server.get(endedSessionsPath, async (request, reply) => {
    const signed = { audience: 'auth', method: 'GET', path: endedSessionsPath, body: '' };
    const { principal } = verifyPrincipal(principalSecrets, signed, request.headers, Date.now());
    if (principal.kind !== 'service') throw new AppError('FORBIDDEN', 'Ended sessions are for gateways');
    return reply.header('cache-control', 'no-store').send(await sessions.listRevoked());
  });
}
