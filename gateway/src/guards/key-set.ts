import { createPublicKey, type webcrypto } from 'node:crypto';
import { AppError } from '@tessera/service/errors';
import type { Logger } from '@tessera/service/logging';
import { z } from 'zod';
import type { VerifyingKey } from './verify-token.js';

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

type PublishedKey = z.infer<typeof publishedKeySchema>;

/** RFC 7517, 5: what is published beside keys that we know is nobody's fault. */
const publishedKeySchema = z.looseObject({
  kty: z.string(),
  kid: z.string().optional(),
  crv: z.string().optional(),
  alg: z.string().optional(),
  use: z.string().optional(),
});
const publishedKeysSchema = z.looseObject({ keys: z.array(publishedKeySchema) });

/** The issuer's public keys: fetched when needed, kept while the issuer is away. */
export interface KeySet {
  /** @returns undefined for a key that is not published @throws AppError `SUBGRAPH_UNAVAILABLE` where no keys could be had yet */
  keyFor(keyId: string): Promise<VerifyingKey | undefined>;
  /** The keys as they are published. @throws AppError `SUBGRAPH_UNAVAILABLE` */
  published(): Promise<object>;
}

interface Keys {
  readonly published: object;
  readonly find: (keyId: string) => VerifyingKey | undefined;
  readonly fetchedAtMs: number;
}

const rsaBits = 2_048;

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
      keys = { published, find: createFinder(published.keys), fetchedAtMs: now() };
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
    async keyFor(keyId) {
      const known = (await current()).find(keyId);
      if (known !== undefined) return known;
      await refresh();
      return (await current()).find(keyId);
    },
    async published() {
      return (await current()).published;
    },
  };
}

async function fetchJwks(url: string, timeoutMs: number): Promise<z.infer<typeof publishedKeysSchema>> {
  const { request } = await import('undici');
  const { statusCode, body } = await request(url, { signal: AbortSignal.timeout(timeoutMs) });
  if (statusCode !== 200) {
    await body.dump();
    throw new Error(`JWKS was answered with status ${statusCode}`);
  }
  return publishedKeysSchema.parse(await body.json());
}

/** Keys by their id; each is read when a token first names it, for there may be thousands. */
function createFinder(published: readonly PublishedKey[]): Keys['find'] {
  const unread = new Map(published.flatMap((key) => (key.kid === undefined ? [] : [[key.kid, key] as const])));
  const read = new Map<string, VerifyingKey>();
  return (keyId) => {
    const known = read.get(keyId);
    if (known !== undefined) return known;
    const key = unread.get(keyId);
    const verifying = key && readKey(key);
    if (verifying !== undefined) read.set(keyId, verifying);
    return verifying;
  };
}

/** @returns undefined for a key that is not for signatures of our algorithms, or none at all */
function readKey(jwk: PublishedKey): VerifyingKey | undefined {
  const algorithm = algorithmOf(jwk);
  if (algorithm === undefined || (jwk.alg ?? algorithm) !== algorithm || (jwk.use ?? 'sig') !== 'sig') return undefined;
  try {
    const key = createPublicKey({ key: jwk as webcrypto.JsonWebKey, format: 'jwk' });
    const { modulusLength = rsaBits } = key.asymmetricKeyDetails ?? {};
    return modulusLength === rsaBits ? { algorithm, key } : undefined;
  } catch {
    return undefined;
  }
}

/** An RSA key is good for several algorithms: it has to say that it is for ours. */
function algorithmOf({ kty, crv, alg }: PublishedKey): VerifyingKey['algorithm'] | undefined {
  if (kty === 'RSA') return alg === 'PS256' ? alg : undefined;
  if (kty === 'EC' && crv === 'P-256') return 'ES256';
  return kty === 'OKP' && crv === 'Ed25519' ? 'EdDSA' : undefined;
}
