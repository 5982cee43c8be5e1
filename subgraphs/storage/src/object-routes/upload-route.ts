import { AppError } from '@tessera/service/errors';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ObjectKey, UploadGrant } from '../object-store/object-store.js';
import { discardBody } from './discard-body.js';
import { defaultStallTimeoutMs, type ObjectRouteOptions } from './route-options.js';

/** How long an upload that began in time may go on; below the grace after which a file is given up. */
const maxOverrunMs = 30 * 60 * 1_000;

/** Takes the bytes that a signed URL grants, and no others. */
export async function receiveUpload(
  { store, isAwaited, now, addressOf, assertReachableFrom, stallTimeoutMs = defaultStallTimeoutMs }: ObjectRouteOptions,
  request: FastifyRequest<{ Params: ObjectKey }>,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { params: key, query, raw } = request;
  try {
    const grant = store.signer.readUpload(key, query, now());
    await assertReachableFrom(key.tenantId, addressOf(raw));
    assertGranted(grant, request);
    if (!(await isAwaited(key))) throw new AppError('PRECONDITION_FAILED', 'The upload is no longer expected');
    const remainingMs = grant.expiresAt.getTime() - now().getTime() + maxOverrunMs;
    const signal = AbortSignal.timeout(remainingMs);
    await store.write(key, raw, {
      sizeBytes: grant.sizeBytes,
      stallTimeoutMs,
      signal,
      isStillWanted: () => isAwaited(key),
    });
  } catch (error) {
    reply.header('connection', 'close');
    await discardBody(raw);
    throw error;
  }
  return reply.code(200).send();
}

function assertGranted({ contentType, sizeBytes }: UploadGrant, { headers }: FastifyRequest): void {
  if (headers['content-encoding'] !== undefined) {
    throw new AppError(
      'BAD_USER_INPUT',
      'Header Content-Encoding is not accepted: the granted bytes are stored as sent',
    );
  }
  if (headers['content-type'] !== contentType) {
    throw new AppError('BAD_USER_INPUT', 'Header Content-Type differs from the granted one', {
      details: { expected: contentType },
    });
  }
  const length = headers['content-length'];
  if (length === undefined) throw new AppError('BAD_USER_INPUT', 'Header Content-Length is required');
  if (Number(length) === sizeBytes) return;
  throw new AppError(
    Number(length) > sizeBytes ? 'OPERATION_TOO_LARGE' : 'BAD_USER_INPUT',
    'Header Content-Length differs from the granted size',
    { details: { expected: sizeBytes } },
  );
}
