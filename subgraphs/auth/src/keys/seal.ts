import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import type { Secrets } from '@tessera/service/config';

const algorithm = 'aes-256-gcm';
const ivBytes = 12;
const tagBytes = 16;

/** Encrypts small secrets for the database. */
export interface Seal {
  /** @param purpose what the secret is for: a sealed text does not open under another purpose */
  close(plainText: string, purpose: string): string;
  /** @throws Error for a text that none of the secrets sealed for this purpose, or that was changed */
  open(sealed: string, purpose: string): string;
  /** @returns the same, sealed with the first secret; undefined where it is already. @throws Error as {@link open} */
  renew(sealed: string, purpose: string): string | undefined;
}

/**
 * AES-256-GCM under keys derived from secrets: base64url of initialisation vector, tag and cipher text. The first one closes; which
 * one has closed a text is found by trying, for the tag tells.
 */
export function createSeal([first, ...others]: Secrets): Seal {
  const current = deriveKey(first);
  const keys = [current, ...others.map(deriveKey)];
  const close = (plainText: string, purpose: string): string => {
    const iv = randomBytes(ivBytes);
    const cipher = createCipheriv(algorithm, current, iv, { authTagLength: tagBytes }).setAAD(Buffer.from(purpose));
    const body = Buffer.concat([cipher.update(plainText, 'utf8'), cipher.final()]);
    return Buffer.concat([iv, cipher.getAuthTag(), body]).toString('base64url');
  };
  const open = (sealed: string, purpose: string): { readonly key: Buffer; readonly plainText: string } => {
    for (const key of keys) {
      const plainText = tryToOpen(key, Buffer.from(sealed, 'base64url'), purpose);
      if (plainText !== undefined) return { key, plainText };
    }
    throw new Error('The sealed text does not open: another secret or purpose sealed it, or it was changed');
  };
  return {
    close,
    open: (sealed, purpose) => open(sealed, purpose).plainText,
    renew(sealed, purpose) {
      const { key, plainText } = open(sealed, purpose);
      return key === current ? undefined : close(plainText, purpose);
    },
  };
}

function deriveKey(secret: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', 'tessera auth seal', 32));
}

function tryToOpen(key: Buffer, bytes: Buffer, purpose: string): string | undefined {
  try {
    const decipher = createDecipheriv(algorithm, key, bytes.subarray(0, ivBytes), { authTagLength: tagBytes })
      .setAAD(Buffer.from(purpose))
      .setAuthTag(bytes.subarray(ivBytes, ivBytes + tagBytes));
    return decipher.update(bytes.subarray(ivBytes + tagBytes), undefined, 'utf8') + decipher.final('utf8');
  } catch {
    return undefined;
  }
}
