import { AppError } from '@tessera/service/errors';
import type { FastifyInstance } from 'fastify';

/** What publishes the keys that access tokens are verified with. */
export interface PublishedKeys {
  published(): Promise<object>;
}

/** Serves the probe under its public name and, where tokens are verified here, the keys to do so (RFC 7517). */
export function addWellKnown(server: FastifyInstance, keys: PublishedKeys | undefined): void {
  server.get('/api/health', async () => ({ status: 'ok' }));
  server.get('/.well-known/jwks.json', async (_request, reply) => {
    if (keys === undefined) throw new AppError('NOT_FOUND', 'This gateway verifies no tokens');
    return reply.header('cache-control', 'public, max-age=300').send(await keys.published());
  });
}
