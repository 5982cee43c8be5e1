import type { FastifyInstance } from 'fastify';
import type { ObjectKey } from '../object-store/object-store.js';
import { sendDownload } from './download-route.js';
import type { ObjectRouteOptions } from './route-options.js';
import { receiveUpload } from './upload-route.js';

const path = '/objects/:tenantId/:fileId';

/** A large upload over a slow line; stalls are noticed much earlier. */
const maxRequestMs = 2 * 60 * 60 * 1_000;

/** Any origin may use a signed URL: the signature is the right, and no cookie is looked at. */
const corsHeaders = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers':
    'accept-ranges, content-disposition, content-length, content-range, etag, x-request-id',
};

const preflightHeaders = {
  'access-control-allow-methods': 'GET, HEAD, PUT',
  'access-control-allow-headers': 'content-type, if-none-match, if-range, range',
  'access-control-max-age': '86400',
};

/** Serves the signed URLs of the file-system store. */
export async function addObjectRoutes(server: FastifyInstance, options: ObjectRouteOptions): Promise<void> {
  // The common limit on a whole request is made for small bodies.
  server.server.requestTimeout = maxRequestMs;
  await server.register(async (scope) => {
    // Bodies of any type stay streams here; the parsers of the other routes do not reach them.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, _body, done) => done(null));
    scope.addHook('onRequest', async (_request, reply) => void reply.headers(corsHeaders));
    scope.options(path, async (_request, reply) => reply.code(204).headers(preflightHeaders).send());
    scope.put<{ Params: ObjectKey }>(path, async (request, reply) => receiveUpload(options, request, reply));
    scope.route<{ Params: ObjectKey }>({
      method: ['GET', 'HEAD'],
      url: path,
      handler: async (request, reply) => sendDownload(options, request, reply),
    });
  });
}
