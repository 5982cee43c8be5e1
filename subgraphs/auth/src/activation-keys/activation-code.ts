import { createHash, randomBytes } from 'node:crypto';

/** Crockford's alphabet: no letter looks like a digit, and none makes words. */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const groups = 5;
const groupLength = 5;
const plainPattern = /^[0-9A-HJKMNP-TV-Z]{25}$/;

/** A new code of 125 random bits, in groups for people to type: `7KQ2M-…`. */
export function createActivationCode(): string {
  // 256 is a multiple of 32, so every character is equally likely.
  const characters = [...randomBytes(groups * groupLength)].map((byte) => alphabet[byte % alphabet.length] ?? '');
  const code = Array.from({ length: groups }, (_, index) =>
    characters.slice(index * groupLength, (index + 1) * groupLength).join(''),
  );
  return code.join('-');
}

/**
 * What is stored of a code, however it was typed: small letters, without hyphens, O for 0, I and L for 1. A code is random,
 * so a plain hash is enough.
 *
 * @returns undefined for what is no code
 */
export function hashActivationCode(typed: string): Buffer | undefined {
  if (typed.length > 100) return undefined;
  const plain = typed.toUpperCase().replace(/[\s-]/g, '').replace(/O/g, '0').replace(/[IL]/g, '1');
  return plainPattern.test(plain) ? createHash('sha256').update(plain).digest() : undefined;
}
