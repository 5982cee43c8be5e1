import { encodePrincipal, servicePrincipal, signPrincipal } from '@tessera/service/identity';
import { exhaustedQuotasPath, exhaustedQuotasSchema, type QuotaState } from '@tessera/service/quotas';

/** Asks for all tenants that have no API calls left. @throws Error without an answer */
export type AskExhausted = () => Promise<readonly QuotaState[]>;

export interface AskExhaustedOptions {
  /** Where analytics lists them; its path is what is signed. */
  readonly url: string;
  readonly signingSecret: string;
  /** Default 3,000. */
  readonly timeoutMs?: number;
}

/** Creates the question to the analytics subgraph, which answers to nobody but a gateway. */
export function createAskExhausted({ url, signingSecret, timeoutMs = 3_000 }: AskExhaustedOptions): AskExhausted {
  const caller = { principal: encodePrincipal(servicePrincipal()) };
  const signed = { audience: 'analytics', method: 'GET', path: exhaustedQuotasPath, body: '' };
  return async () => {
    const { request } = await import('undici');
    const { statusCode, body } = await request(url, {
      headers: { ...signPrincipal(signingSecret, signed, caller, Date.now()) },
      signal: AbortSignal.timeout(timeoutMs),
    });
    if (statusCode === 200) return exhaustedQuotasSchema.parse(await body.json());
    await body.dump();
    throw new Error(`Exhausted quotas were answered with status ${statusCode}`);
  };
}
