import { AppError } from '@tessera/service/errors';
import { encodePrincipal, signPrincipal, type Principal } from '@tessera/service/identity';
import { z } from 'zod';

const deadlineMs = 3_000;
const query = 'query OwnAddress { me { email isEmailVerified } }';

const answerSchema = z.object({
  data: z.object({ me: z.object({ email: z.string(), isEmailVerified: z.boolean() }) }),
  errors: z.undefined().optional(),
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

/** Asks the auth subgraph for a person's address, on behalf of that person. */
export class AccountClient {
  readonly #options: AccountClientOptions;

  constructor(options: AccountClientOptions) {
    this.#options = options;
  }

  /** @throws AppError `SUBGRAPH_UNAVAILABLE` or `SUBGRAPH_TIMEOUT` where there is no answer */
  async ownAddress(principal: Principal): Promise<OwnAddress> {
    const answer = answerSchema.safeParse(await this.#send(principal, JSON.stringify({ query })));
    if (!answer.success) throw unavailable('answered in an unexpected way', answer.error);
    const { email, isEmailVerified } = answer.data.data.me;
    return { email, isVerified: isEmailVerified };
  }

  async #send(principal: Principal, body: string): Promise<unknown> {
    const { url, principalSecret, now = Date.now } = this.#options;
    const signed = { audience: 'auth', method: 'POST', path: new URL(url).pathname, body };
    const signature = signPrincipal(principalSecret, signed, { principal: encodePrincipal(principal) }, now());
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...signature },
        body,
        redirect: 'error',
        signal: AbortSignal.timeout(deadlineMs),
      });
      return await response.json();
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
