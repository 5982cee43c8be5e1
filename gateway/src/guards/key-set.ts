import { AppError } from '@tessera/service/errors';
import type { Logger } from '@tessera/service/logging';
import { createLocalJWKSet, errors, type FlattenedJWSInput, type JSONWebKeySet, type JWSHeaderParameters } from 'jose';

export interface KeySetOptions {
  readonly url: string;
  readonly logger: Logger;
  /** The deadline of one fetch. Default 3,000. */
  readonly timeoutMs?: number;
  /** How old keys may get before they are fetched again, beside the requests that use them. Default 10 minutes. */
  readonly maxAgeMs?: number;
  /** The least time between two fetches, however many tokens name keys that nobody knows. Default 2,000. */
  readonly coolDownMs?: number;
  /** Milliseconds since the epoch; default `Date.now`. */
  readonly now?: () => number;
}

type LocalKeySet = ReturnType<typeof createLocalJWKSet>;
type Key = Awaited<ReturnType<LocalKeySet>>;

/** The issuer's public keys: fetched when needed, kept while the issuer is away. */
export interface KeySet {
  /** @throws AppError `SUBGRAPH_UNAVAILABLE` where no keys could be had yet; jose's error for a key that is not there */
  keyFor(header: JWSHeaderParameters, token: FlattenedJWSInput): Promise<Key>;
  /** The keys as they are published. @throws AppError `SUBGRAPH_UNAVAILABLE` */
  published(): Promise<JSONWebKeySet>;
}

interface Keys {
  readonly published: JSONWebKeySet;
  readonly find: LocalKeySet;
  readonly fetchedAtMs: number;
}

/** Creates the key set behind a JWKS URL (RFC 7517). */
export function createKeySet(options: KeySetOptions): KeySet {
  const { url, logger, timeoutMs = 3_000, maxAgeMs = 600_000, coolDownMs = 2_000, now = Date.now } = options;
  let keys: Keys | undefined;
  let lastAttemptAtMs = -Infinity;
  let fetching: Promise<void> | undefined;

  const fetchKeys = async (): Promise<void> => {
    lastAttemptAtMs = now();
    try {
      const published = await fetchJwks(url, timeoutMs);
      keys = { published, find: createLocalJWKSet(published), fetchedAtMs: now() };
    } catch (error) {
      logger.warn({ err: error, url }, 'fetching the JWKS failed');
    }
  };
  /** Joins the fetch under way, so that a stampede is one fetch. */
  const refresh = async (): Promise<void> => {
    if (fetching === undefined && now() - lastAttemptAtMs < coolDownMs) return;
    fetching ??= fetchKeys().finally(() => (fetching = undefined));
    await fetching;
  };
  const current = async (): Promise<Keys> => {
    if (keys === undefined) await refresh();
    if (keys === undefined)
      throw new AppError('SUBGRAPH_UNAVAILABLE', 'Keys to verify access tokens cannot be had now');
    if (now() - keys.fetchedAtMs > maxAgeMs) void refresh();
    return keys;
  };

  return {
    async keyFor(header, token) {
      const first = await current();
      try {
        return await first.find(header, token);
      } catch (error) {
        if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
        await refresh();
        return (await current()).find(header, token);
      }
    },
    async published() {
      return (await current()).published;
    },
  };
}

async function fetchJwks(url: string, timeoutMs: number): Promise<JSONWebKeySet> {
  const { request } = await import('undici');
  const { statusCode, body } = await request(url, { signal: AbortSignal.timeout(timeoutMs) });
  if (statusCode !== 200) {
    await body.dump();
    throw new Error(`JWKS was answered with status ${statusCode}`);
  }
  return (await body.json()) as JSONWebKeySet;
}
