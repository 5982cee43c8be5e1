import { AppError, isErrorCode } from '@tessera/service/errors';
import { anonymousPrincipal, encodeClient, encodePrincipal, signPrincipal } from '@tessera/service/identity';
import { z } from 'zod';
import type { SessionRefreshOptions } from '../transport/http/session-refresh.js';

export interface SessionRefreshesOptions {
  /** Origin of the auth subgraph. */
  readonly url: string;
  readonly signingSecret: string;
  /** Default 5,000. */
  readonly timeoutMs?: number;
}

const path = '/graphql';
const query =
  'mutation ($token: String!) { refreshTokens(refreshToken: $token) { accessToken refreshToken expiresIn } }';

const answerSchema = z.object({
  data: z
    .object({
      refreshTokens: z.object({ accessToken: z.string(), refreshToken: z.string(), expiresIn: z.number() }),
    })
    .nullish(),
  errors: z.array(z.object({ message: z.string(), extensions: z.object({ code: z.string() }) })).default([]),
});

/** Exchanges refresh tokens at auth, for clients whose tokens this gateway keeps; signed like all requests of a gateway. */
export function createSessionRefreshes(options: SessionRefreshesOptions): SessionRefreshOptions['exchange'] {
  const { url, signingSecret, timeoutMs = 5_000 } = options;
  const principal = encodePrincipal(anonymousPrincipal);
  return async ({ refreshToken, client, requestId }) => {
    const body = JSON.stringify({ query, variables: { token: refreshToken } });
    const signed = { audience: 'auth', method: 'POST', path, body };
    const answer = await ask(new URL(path, url), body, timeoutMs, {
      'x-request-id': requestId,
      ...signPrincipal(signingSecret, signed, { principal, client: encodeClient(client) }, Date.now()),
    });
    const parsed = answerSchema.safeParse(answer);
    const tokens = parsed.data?.data?.refreshTokens;
    if (tokens !== undefined) {
      return { sessionTokens: `${tokens.accessToken} ${tokens.refreshToken}`, expiresIn: tokens.expiresIn };
    }
    const [error] = parsed.data?.errors ?? [];
    if (error === undefined || !isErrorCode(error.extensions.code)) throw unavailable(parsed.error);
    throw new AppError(error.extensions.code, error.message);
  };
}

async function ask(url: URL, body: string, timeoutMs: number, headers: Record<string, string>): Promise<unknown> {
  try {
    const { request } = await import('undici');
    const answer = await request(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body,
      signal: AbortSignal.timeout(timeoutMs),
    });
    return await answer.body.json();
  } catch (cause) {
    throw unavailable(cause);
  }
}

function unavailable(cause: unknown): AppError {
  return new AppError('SUBGRAPH_UNAVAILABLE', 'Tokens cannot be had at present', { cause });
}
