import { AppError } from '@tessera/service/errors';
import type { HttpServer } from '@tessera/service/http';
import { verifyPrincipal } from '@tessera/service/identity';
import { publishedManifestsPath } from '@tessera/service/operations';
import type { OperationManifestService } from './operation-manifest.service.js';

/** Gives the manifests in use to gateways: a list of them, and each by its id. */
export function addOperationManifestsRoute(
  server: HttpServer,
  manifests: OperationManifestService,
  principalSecrets: readonly string[],
): void {
  const assertGateway = (path: string, headers: Readonly<Record<string, unknown>>): void => {
    const signed = { audience: 'analytics', method: 'GET', path, body: '' };
    const { principal } = verifyPrincipal(principalSecrets, signed, headers, Date.now());
    if (principal.kind !== 'service') throw new AppError('FORBIDDEN', 'Published manifests are for gateways');
  };
  server.get(publishedManifestsPath, async (request, reply) => {
    assertGateway(publishedManifestsPath, request.headers);
    return reply.header('cache-control', 'no-store').send(await manifests.index());
  });
  server.get<{ Params: { id: string } }>(`${publishedManifestsPath}/:id`, async (request, reply) => {
    const { id } = request.params;
    assertGateway(`${publishedManifestsPath}/${id}`, request.headers);
    return reply.header('cache-control', 'no-store').send(await manifests.content(id));
  });
}
