import type { HttpServer } from '@tessera/service/http';
import { recentAuthenticationPath, verifyPrincipal } from '@tessera/service/identity';
import type { DataScope } from '@tessera/service/tenancy';
import { requireRecentProof } from './recent-authentication.js';

/** Lets other subgraphs ask for a recent proof before what cannot be taken back; answers the error that the person is to see. */
export function addRecentAuthenticationRoute(
  server: HttpServer,
  openScope: () => DataScope,
  principalSecrets: readonly string[],
): void {
  server.get(recentAuthenticationPath, async ({ headers }, reply) => {
    const signed = { audience: 'auth', method: 'GET', path: recentAuthenticationPath, body: '' };
    const { principal } = verifyPrincipal(principalSecrets, signed, headers, Date.now());
    await requireRecentProof(openScope, principal);
    return reply.code(204).header('cache-control', 'no-store').send();
  });
}
