import {
  apiKeyPath,
  encodePrincipal,
  hashApiKey,
  resolvedApiKeySchema,
  servicePrincipal,
  signPrincipal,
  type ResolvedApiKey,
} from '@tessera/service/identity';
import { AppError } from '@tessera/service/errors';
import { LRUCache } from 'lru-cache';

export interface ApiKeysOptions {
  /** Origin of the auth subgraph. */
  readonly url: string;
  readonly signingSecret: string;
  /** Default 3,000. */
  readonly timeoutMs?: number;
}

/** Finds out whom API keys stand for. */
export interface ApiKeys {
  /** @returns undefined for a key that is none @throws AppError `SUBGRAPH_UNAVAILABLE` where nobody can tell */
  resolve(token: string): Promise<ResolvedApiKey | undefined>;
  /** Forgets what is known of a key: its rights have changed. */
  forget(token: string): void;
}

/** How long an answer is believed. A key that is revoked meanwhile is announced, and refused before that. */
const knownMs = 60_000;
/** The same for a key that is none: short, for it may be made in the next moment. */
const unknownMs = 5_000;
const maxRemembered = 10_000;

type Answer = { readonly resolved: ResolvedApiKey | undefined };

/** Asks auth once a key and minute, however many requests come with it at once. Keys themselves are neither kept nor sent. */
export function createApiKeys({ url, signingSecret, timeoutMs = 3_000 }: ApiKeysOptions): ApiKeys {
  const caller = { principal: encodePrincipal(servicePrincipal()) };
  const answers = new LRUCache<string, Answer>({ max: maxRemembered, ttl: knownMs });
  const asked = new Map<string, Promise<Answer>>();

  const ask = async (hash: string): Promise<Answer> => {
    const signed = { audience: 'auth', method: 'GET', path: apiKeyPath(hash), body: '' };
    try {
      const { request } = await import('undici');
      const { statusCode, body } = await request(new URL(signed.path, url), {
        headers: { ...signPrincipal(signingSecret, signed, caller, Date.now()) },
        signal: AbortSignal.timeout(timeoutMs),
      });
      if (statusCode === 404) {
        await body.dump();
        return { resolved: undefined };
      }
      if (statusCode !== 200) throw new Error(`It answered with status ${statusCode}`);
      return { resolved: resolvedApiKeySchema.parse(await body.json()) };
    } catch (cause) {
      throw new AppError('SUBGRAPH_UNAVAILABLE', 'API keys cannot be checked at present', { cause });
    }
  };

  const askOnce = (hash: string): Promise<Answer> => {
    const flying = asked.get(hash) ?? ask(hash).finally(() => asked.delete(hash));
    asked.set(hash, flying);
    return flying;
  };

  return {
    async resolve(token) {
      const hash = hashApiKey(token);
      const known = answers.get(hash) ?? (await askOnce(hash));
      if (!answers.has(hash)) answers.set(hash, known, { ttl: known.resolved === undefined ? unknownMs : knownMs });
      return known.resolved;
    },
    forget(token) {
      answers.delete(hashApiKey(token));
    },
  };
}
