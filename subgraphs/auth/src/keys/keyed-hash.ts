import { createHmac, hkdfSync } from 'node:crypto';
import type { Secrets } from '@tessera/service/config';

/**
 * Hashes secrets that people type: they are short, so whoever has only the database could guess them from a plain hash.
 *
 * @param purpose what the secret is for: equal secrets for different purposes have different hashes
 */
export type KeyedHash = (secret: string, purpose: string) => Buffer;

/** One of each secret that is accepted: the first makes, any proves. */
export type KeyedHashes = readonly [KeyedHash, ...KeyedHash[]];

/** HMAC-SHA256. */
export function createKeyedHash(key: Buffer): KeyedHash {
  return (text, purpose) => createHmac('sha256', key).update(`${purpose}\n${text}`).digest();
}

/** For what lives for hours: a secret that is dropped takes with it what was made with it. */
export function createKeyedHashes([first, ...others]: Secrets): KeyedHashes {
  const create = (secret: string): KeyedHash => createKeyedHash(deriveHashKey(secret));
  return [create(first), ...others.map(create)];
}

export function deriveHashKey(secret: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', 'tessera auth keyed hash', 32));
}
