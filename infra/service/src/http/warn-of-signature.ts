import type { FastifyBaseLogger } from 'fastify';
import type { AppError } from '../errors/index.js';
import { remedyOf, signatureFaultOf } from '../identity/index.js';

/**
 * Tells who operates the platform that a request was refused for its signature: whoever sent it says no more to its own caller than that
 * this service is not available. What is not signed at all is no gateway's, or the gateway's own log tells of it.
 */
export function warnOfSignature(
  logger: Pick<FastifyBaseLogger, 'warn'>,
  error: AppError,
  request: { readonly requestId: string; readonly path?: string },
): void {
  const reason = signatureFaultOf(error);
  if (reason === undefined || reason === 'SIGNATURE_MISSING') return;
  logger.warn({ ...request, reason, remedy: remedyOf(reason) }, 'a signature was refused');
}
