import type { HttpServer } from '@tessera/service/http';
import type { KeyRing } from './key-ring.js';

/** Publishes the public keys, for the gateway and for whoever verifies Tessera's tokens. */
export function addKeySetRoute(server: HttpServer, keyRing: KeyRing): void {
  server.get('/.well-known/jwks.json', async (_request, reply) =>
    reply
      .type('application/jwk-set+json')
      // A verifier asks at once for a key id it does not know, so a key may well be cached for minutes.
      .header('cache-control', 'public, max-age=300, stale-while-revalidate=60, stale-if-error=86400')
      .send(await keyRing.publishedKeys()),
  );
}
