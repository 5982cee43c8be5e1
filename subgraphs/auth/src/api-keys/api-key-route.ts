import { AppError } from '@tessera/service/errors';
import type { HttpServer } from '@tessera/service/http';
import { apiKeyPath, verifyPrincipal } from '@tessera/service/identity';
import type { DataScope } from '@tessera/service/tenancy';
import { resolveApiKey } from './resolve-api-key.js';

/** Tells gateways, and nobody else, whom an API key stands for. They send its hash, never the key. */
export function addApiKeyRoute(
  server: HttpServer,
  openScope: () => DataScope,
  principalSecrets: readonly string[],
): void {
  server.get<{ Params: { hash: string } }>('/api-keys/:hash', async ({ headers, params: { hash } }, reply) => {
    const signed = { audience: 'auth', method: 'GET', path: apiKeyPath(hash), body: '' };
    const { principal } = verifyPrincipal(principalSecrets, signed, headers, Date.now());
    if (principal.kind !== 'service') throw new AppError('FORBIDDEN', 'API keys are resolved for gateways');
    const resolved = /^[0-9a-f]{64}$/.test(hash) ? await resolveApiKey(openScope, Buffer.from(hash, 'hex')) : undefined;
    if (resolved === undefined) throw new AppError('NOT_FOUND', 'There is no such API key');
    return reply.header('cache-control', 'no-store').send(resolved);
  });
}
