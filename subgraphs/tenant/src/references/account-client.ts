import { AppError, isErrorCode, type ErrorCode } from '@tessera/service/errors';
import {
  encodePrincipal,
  recentAuthenticationPath,
  sessionProofPath,
  refusedSignatureIn,
  signPrincipal,
  type Principal,
  type UserPrincipal,
} from '@tessera/service/identity';
import type { SessionProof } from '@tessera/service/security-policy';
import { z } from 'zod';

const deadlineMs = 3_000;
const query = 'query OwnAddress { me { email isEmailVerified } }';
const existenceQuery = 'query Existence { me { email } }';

const answerSchema = z.object({
  data: z.object({ me: z.object({ email: z.string(), isEmailVerified: z.boolean() }) }),
  errors: z.undefined().optional(),
});

const existenceSchema = z.object({
  data: z.object({ me: z.object({ email: z.string().nullable() }) }),
  errors: z.undefined().optional(),
});

const refusalSchema = z.object({
  errors: z.tuple([
    z.object({
      message: z.string(),
      extensions: z.object({
        code: z.custom<ErrorCode>(isErrorCode),
        details: z.record(z.string(), z.unknown()).optional(),
      }),
    }),
  ]),
});

const proofSchema = z.object({
  way: z.string().nullable(),
  hasMfa: z.boolean(),
  provenAtMs: z.number(),
  longestGapSeconds: z.number(),
});

export interface OwnAddress {
  readonly email: string;
  /** Whether it was proven to be the person's own. */
  readonly isVerified: boolean;
}

export interface AccountClientOptions {
  /** The GraphQL endpoint of the auth subgraph, which knows people's addresses. */
  readonly url: string;
  readonly principalSecret: string;
  readonly now?: () => number;
}

/** Asks the auth subgraph about a person, on behalf of that person. */
export class AccountClient {
  readonly #options: AccountClientOptions;

  constructor(options: AccountClientOptions) {
    this.#options = options;
  }

  /** @throws AppError `SUBGRAPH_UNAVAILABLE` or `SUBGRAPH_TIMEOUT` where there is no answer */
  async ownAddress(principal: Principal): Promise<OwnAddress> {
    const response = await this.#send(principal, {
      method: 'POST',
      path: new URL(this.#options.url).pathname,
      body: JSON.stringify({ query }),
    });
    const answer = answerSchema.safeParse(response.answer);
    if (!answer.success) throw unavailable('answered in an unexpected way', answer.error);
    const { email, isEmailVerified } = answer.data.data.me;
    return { email, isVerified: isEmailVerified };
  }

  /**
   * Whether a person has an account, asked as who runs the platform would look at it on the person's behalf.
   *
   * @throws AppError as {@link ownAddress}
   */
  async hasAccount({ userId: impersonatorId }: UserPrincipal, userId: string): Promise<boolean> {
    const { answer } = await this.#send(
      { kind: 'user', userId, impersonatorId, roles: [], scopes: [] },
      { method: 'POST', path: new URL(this.#options.url).pathname, body: JSON.stringify({ query: existenceQuery }) },
    );
    const found = existenceSchema.safeParse(answer);
    if (!found.success) throw unavailable('answered in an unexpected way', found.error);
    return found.data.data.me.email !== null;
  }

  /**
   * Asks for a proof of the last fifteen minutes of who the person is.
   *
   * @throws AppError that the person is to see: `PRECONDITION_FAILED` with the reason `REAUTHENTICATION_REQUIRED`; and as
   *   {@link ownAddress}
   */
  async requireRecentAuthentication(principal: Principal): Promise<void> {
    const { status, answer } = await this.#send(principal, { method: 'GET', path: recentAuthenticationPath, body: '' });
    if (status === 204) return;
    const unsigned = refusedSignatureIn(answer);
    if (unsigned !== undefined) throw unavailable('does not take our signature', unsigned);
    const refusal = refusalSchema.safeParse(answer);
    if (!refusal.success) throw unavailable('answered in an unexpected way', refusal.error);
    const [{ message, extensions }] = refusal.data.errors;
    const { code, details } = extensions;
    throw new AppError(code, message, details === undefined ? {} : { details });
  }

  /**
   * Asks how the person's session was opened and proven.
   *
   * @throws AppError as {@link requireRecentAuthentication}
   */
  async sessionProof(principal: Principal): Promise<SessionProof> {
    const { status, answer } = await this.#send(principal, { method: 'GET', path: sessionProofPath, body: '' });
    const proof = proofSchema.safeParse(answer);
    if (status === 200 && proof.success) return proof.data;
    throw unavailable('answered in an unexpected way', proof.error);
  }

  async #send(
    principal: Principal,
    { method, path, body }: { readonly method: 'GET' | 'POST'; readonly path: string; readonly body: string },
  ): Promise<{ readonly status: number; readonly answer: unknown }> {
    const { url, principalSecret, now = Date.now } = this.#options;
    const signed = { audience: 'auth', method, path, body };
    const signature = signPrincipal(principalSecret, signed, { principal: encodePrincipal(principal) }, now());
    try {
      const response = await fetch(new URL(path, url), {
        method,
        headers: { 'content-type': 'application/json', ...signature },
        ...(method === 'POST' && { body }),
        redirect: 'error',
        signal: AbortSignal.timeout(deadlineMs),
      });
      const { status } = response;
      return { status, answer: status === 204 ? undefined : await response.json() };
    } catch (error) {
      if ((error as Error).name !== 'TimeoutError') throw unavailable('cannot be reached', error);
      throw new AppError('SUBGRAPH_TIMEOUT', `The auth subgraph did not answer within ${deadlineMs} ms`, {
        cause: error,
      });
    }
  }
}

function unavailable(what: string, cause: unknown): AppError {
  return new AppError('SUBGRAPH_UNAVAILABLE', `The auth subgraph ${what}`, { cause });
}
