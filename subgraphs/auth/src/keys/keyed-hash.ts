import { createHmac, hkdfSync } from 'node:crypto';

/**
 * Hashes secrets that people type: they are short, so whoever has only the database could guess them from a plain hash.
 *
 * @param purpose what the secret is for: equal secrets for different purposes have different hashes
 */
export type KeyedHash = (secret: string, purpose: string) => Buffer;

/** HMAC-SHA256 under a key derived from a secret that is not in the database. */
export function createKeyedHash(secret: string): KeyedHash {
  const key = Buffer.from(hkdfSync('sha256', secret, '', 'tessera auth keyed hash', 32));
  return (text, purpose) => createHmac('sha256', key).update(`${purpose}\n${text}`).digest();
}
