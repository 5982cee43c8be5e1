import { AppError, isErrorCode } from '@tessera/service/errors';
import {
  anonymousPrincipal,
  encodeClient,
  encodePrincipal,
  refusedSignatureIn,
  signPrincipal,
} from '@tessera/service/identity';
import type { Logger } from '@tessera/service/logging';
import { z } from 'zod';
import type { SessionRequest, SessionRequests } from '../transport/http/session-routes.js';

export interface SessionRequestsOptions {
  /** Origin of the auth subgraph. */
  readonly url: string;
  readonly signingSecret: string;
  readonly logger: Logger;
  /** Default 5,000. */
  readonly timeoutMs?: number;
}

const path = '/graphql';
const refreshing =
  'mutation ($token: String!) { refreshTokens(refreshToken: $token) { accessToken refreshToken expiresIn } }';
const ending = 'mutation ($token: String!) { signOut(refreshToken: $token) }';

const refreshedSchema = z.object({
  refreshTokens: z.object({ accessToken: z.string(), refreshToken: z.string(), expiresIn: z.number() }),
});
const endedSchema = z.object({ signOut: z.literal(true) });

const answerSchema = z.object({
  data: z.unknown(),
  errors: z.array(z.object({ message: z.string(), extensions: z.object({ code: z.string() }) })).default([]),
});

/** Refreshes and ends sessions at auth, for clients whose tokens this gateway keeps; signed like all requests of a gateway. */
export function createSessionRequests(options: SessionRequestsOptions): SessionRequests {
  return {
    async exchange(request) {
      const { refreshTokens } = await askAuth(options, refreshing, refreshedSchema, request);
      const { accessToken, refreshToken, expiresIn } = refreshTokens;
      return { sessionTokens: `${accessToken} ${refreshToken}`, expiresIn };
    },
    async end(request) {
      await askAuth(options, ending, endedSchema, request);
    },
  };
}

async function askAuth<Data>(
  { url, signingSecret, logger, timeoutMs = 5_000 }: SessionRequestsOptions,
  query: string,
  dataSchema: z.ZodType<Data>,
  { refreshToken, client, requestId }: SessionRequest,
): Promise<Data> {
  const body = JSON.stringify({ query, variables: { token: refreshToken } });
  const signed = { audience: 'auth', method: 'POST', path, body };
  const caller = { principal: encodePrincipal(anonymousPrincipal), client: encodeClient(client) };
  const answer = await ask(new URL(path, url), body, timeoutMs, {
    'x-request-id': requestId,
    ...signPrincipal(signingSecret, signed, caller, Date.now()),
  });
  const unsigned = refusedSignatureIn(answer);
  if (unsigned !== undefined) {
    logger.warn({ requestId, err: unsigned }, 'auth refused a session request');
    throw unavailable(unsigned);
  }
  const { data, errors = [] } = answerSchema.safeParse(answer).data ?? {};
  const parsed = dataSchema.safeParse(data);
  if (parsed.success) return parsed.data;
  const [error] = errors;
  if (error === undefined || !isErrorCode(error.extensions.code)) throw unavailable(parsed.error);
  throw new AppError(error.extensions.code, error.message);
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
  return new AppError('SUBGRAPH_UNAVAILABLE', 'Sessions cannot be refreshed or ended at present', { cause });
}
