import { AppError } from '@tessera/service/errors';
import type { HttpServer } from '@tessera/service/http';
import { requireOneself, sessionProofPath, verifyPrincipal } from '@tessera/service/identity';
import type { DataScope } from '@tessera/service/tenancy';
import { proofOf, standingColumns, type SessionStanding } from './session-standing.js';

/** Tells the tenant subgraph, asked for a person, what that person's session has to show: nobody is to lock themselves out unawares. */
export function addSessionProofRoute(
  server: HttpServer,
  openScope: () => DataScope,
  principalSecrets: readonly string[],
): void {
  server.get(sessionProofPath, async ({ headers }, reply) => {
    const signed = { audience: 'auth', method: 'GET', path: sessionProofPath, body: '' };
    const { principal } = verifyPrincipal(principalSecrets, signed, headers, Date.now());
    const { userId, sessionId } = requireOneself(principal);
    const [standing] = await openScope().runAlone<SessionStanding>(
      `select ${standingColumns} from session where id = $1 and user_id = $2 and revoked_at is null`,
      [sessionId ?? null, userId],
    );
    if (standing === undefined) throw new AppError('PRECONDITION_FAILED', 'No session belongs to this request');
    return reply.header('cache-control', 'no-store').send(proofOf(standing));
  });
}
