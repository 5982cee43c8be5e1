import { auditExportPath } from '@tessera/service/audit';
import { AppError, isErrorCode } from '@tessera/service/errors';
import { encodeClient, refusedSignatureIn, signPrincipal } from '@tessera/service/identity';
import type { Logger } from '@tessera/service/logging';
import { z } from 'zod';
import type { AuditExportEndpointOptions } from '../transport/http/audit-export.js';

export interface AuditExportsOptions {
  /** Origin of the auth subgraph. */
  readonly url: string;
  readonly signingSecret: string;
  readonly logger: Logger;
  /** Until the first line, and between any two; default 15,000. */
  readonly timeoutMs?: number;
}

const refusalSchema = z.object({
  errors: z.array(
    z.object({
      message: z.string(),
      extensions: z.object({ code: z.string(), retryAfterSeconds: z.number().optional() }),
    }),
  ),
});

/** Has auth write the audit log out for a caller; signed like all requests of a gateway. */
export function createAuditExports(options: AuditExportsOptions): AuditExportEndpointOptions['open'] {
  const { url, signingSecret, logger, timeoutMs = 15_000 } = options;
  return async ({ filter, caller, client, requestId, signal }) => {
    const body = JSON.stringify(filter);
    const signed = { audience: 'auth', method: 'POST', path: auditExportPath, body };
    const encoded = { principal: caller.encodedPrincipal, client: encodeClient(client) };
    const { request } = await import('undici');
    const answer = await request(new URL(auditExportPath, url), {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-request-id': requestId,
        ...signPrincipal(signingSecret, signed, encoded, Date.now()),
      },
      body,
      signal,
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
    }).catch((cause: unknown) => {
      throw unavailable(cause);
    });
    if (answer.statusCode === 200) return answer.body;
    const refusal: unknown = await answer.body.json().catch(() => undefined);
    const unsigned = refusedSignatureIn(refusal);
    if (unsigned === undefined) throw refusalOf(refusal);
    logger.warn({ requestId, err: unsigned }, 'auth refused to write out the audit log');
    throw unavailable(unsigned);
  };
}

function refusalOf(answer: unknown): AppError {
  const parsed = refusalSchema.safeParse(answer);
  const [error] = parsed.data?.errors ?? [];
  if (error === undefined || !isErrorCode(error.extensions.code)) return unavailable(parsed.error);
  const { code, retryAfterSeconds } = error.extensions;
  return new AppError(code, error.message, retryAfterSeconds === undefined ? {} : { retryAfterSeconds });
}

function unavailable(cause: unknown): AppError {
  return new AppError('SUBGRAPH_UNAVAILABLE', 'The audit log cannot be had at present', { cause });
}
