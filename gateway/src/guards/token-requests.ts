import { AppError } from '@tessera/service/errors';
import {
  encodeClient,
  encodePrincipal,
  refusedSignatureIn,
  servicePrincipal,
  signPrincipal,
  tokenPath,
} from '@tessera/service/identity';
import type { Logger } from '@tessera/service/logging';
import type { TokenEndpointOptions } from '../transport/http/token-endpoint.js';

export interface TokenRequestsOptions {
  /** Origin of the auth subgraph. */
  readonly url: string;
  readonly signingSecret: string;
  readonly logger: Logger;
  /** Default 5,000. */
  readonly timeoutMs?: number;
}

/** What auth answers to a granted or refused token request; everything else is a failure. */
const answeredStatuses = new Set([200, 400, 401]);

/** Hands programs' token requests on to auth, signed like all requests of a gateway. */
export function createTokenRequests(options: TokenRequestsOptions): TokenEndpointOptions['forward'] {
  const { url, signingSecret, logger, timeoutMs = 5_000 } = options;
  const principal = encodePrincipal(servicePrincipal());
  return async ({ body, authorization, client, requestId }) => {
    const signed = { audience: 'auth', method: 'POST', path: tokenPath, body };
    const caller = { principal, client: encodeClient(client) };
    try {
      const { request } = await import('undici');
      const answer = await request(new URL(tokenPath, url), {
        method: 'POST',
        headers: {
          'content-type': 'application/x-www-form-urlencoded',
          'x-request-id': requestId,
          ...(authorization !== undefined && { authorization }),
          ...signPrincipal(signingSecret, signed, caller, Date.now()),
        },
        body,
        signal: AbortSignal.timeout(timeoutMs),
      });
      const text = await answer.body.text();
      if (!answeredStatuses.has(answer.statusCode)) throw new Error(`It answered with status ${answer.statusCode}`);
      const unsigned = answer.statusCode === 401 ? refusedSignatureIn(JSON.parse(text)) : undefined;
      if (unsigned !== undefined) {
        logger.warn({ requestId, err: unsigned }, 'auth refused a token request');
        throw unsigned;
      }
      const { 'www-authenticate': challenge } = answer.headers;
      return {
        status: answer.statusCode,
        body: text,
        challenge: typeof challenge === 'string' ? challenge : undefined,
      };
    } catch (cause) {
      throw new AppError('SUBGRAPH_UNAVAILABLE', 'Tokens cannot be had at present', { cause });
    }
  };
}
