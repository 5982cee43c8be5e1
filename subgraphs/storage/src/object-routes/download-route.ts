import { notFound } from '@tessera/service/errors';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { contentDisposition } from '../object-store/content-disposition.js';
import type { DownloadGrant, ObjectKey } from '../object-store/object-store.js';
import { parseByteRange } from './byte-range.js';
import { entityTagOf, isKnownToClient, mayBeRange } from './entity-tag.js';
import { defaultStallTimeoutMs, type ObjectRouteOptions } from './route-options.js';

/** Answers a signed URL with the object or one range of it, or with nothing where the client has it, in a way that no browser runs anything of it. */
export async function sendDownload(
  { store, now, addressOf, assertReachableFrom, stallTimeoutMs = defaultStallTimeoutMs }: ObjectRouteOptions,
  request: FastifyRequest<{ Params: ObjectKey }>,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { params: key, query, headers, method } = request;
  const grant = store.signer.readDownload(key, query, now());
  await assertReachableFrom(key.tenantId, addressOf(request.raw));
  const sizeBytes = await store.sizeOf(key);
  if (sizeBytes === undefined) throw notFound('Object');
  const entityTag = entityTagOf(key);
  reply.headers({ ...protectiveHeaders(grant, now()), 'accept-ranges': 'bytes', etag: entityTag });
  if (isKnownToClient(headers, entityTag)) return reply.code(304).send();
  const range = mayBeRange(headers, entityTag) ? parseByteRange(headers.range, sizeBytes) : undefined;
  if (range === 'unsatisfiable') {
    return reply.removeHeader('content-type').code(416).header('content-range', `bytes */${sizeBytes}`).send();
  }
  if (range !== undefined) reply.code(206).header('content-range', `bytes ${range.first}-${range.last}/${sizeBytes}`);
  reply.header('content-length', range === undefined ? sizeBytes : range.last - range.first + 1);
  reply.raw.setTimeout(stallTimeoutMs, () => reply.raw.destroy());
  return reply.send(method === 'HEAD' ? undefined : store.read(key, range));
}

function protectiveHeaders(
  { contentType, fileName, expiresAt }: DownloadGrant,
  now: Date,
): Readonly<Record<string, string>> {
  const maxAgeSeconds = Math.max(0, Math.floor((expiresAt.getTime() - now.getTime()) / 1_000));
  return {
    'content-type': contentType,
    'content-disposition': contentDisposition(contentType, fileName),
    'cache-control': `private, max-age=${maxAgeSeconds}`,
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; sandbox",
    'cross-origin-resource-policy': 'cross-origin',
    'referrer-policy': 'no-referrer',
  };
}
