import { createHash, timingSafeEqual } from 'node:crypto';
import type { KeyedHash, KeyedHashes } from '../keys/keyed-hash.js';

const digits = 6;
const challengePattern = /^[\w-]{43}$/;
const linkPattern = /^([\w-]{43})\.([\w-]{43})$/;

/** Names a request in the database: what the browser that made it holds, hashed. */
export const challengeHashOf = (challengeId: string): Buffer | undefined =>
  challengePattern.test(challengeId) ? createHash('sha256').update(challengeId).digest() : undefined;

/**
 * The code and link of a request. They are derived from it by a key that is not in the database, so nothing of them is
 * stored, anywhere, and a mail that is sent again holds the same.
 */
export class SignInSecrets {
  constructor(private readonly hashes: KeyedHashes) {}

  /** Six digits, for the browser that asked. */
  codeFor(challengeHash: Buffer, hash = this.hashes[0]): string {
    const number = derive(hash, challengeHash, 'sign-in code').readUIntBE(0, 6) % 10 ** digits;
    return String(number).padStart(digits, '0');
  }

  isCodeFor(challengeHash: Buffer, typed: string): boolean {
    const given = Buffer.from(typed.replaceAll(/\s/g, ''));
    return this.hashes.some((hash) => isEqual(given, Buffer.from(this.codeFor(challengeHash, hash))));
  }

  /** For any browser: 256 bits that only the mail holds. */
  linkTokenFor(challengeHash: Buffer, hash = this.hashes[0]): string {
    return `${challengeHash.toString('base64url')}.${derive(hash, challengeHash, 'sign-in link').toString('base64url')}`;
  }

  /** @returns the request that a link is for, undefined for a forged one */
  readLinkToken(token: string): Buffer | undefined {
    const challengeHash = Buffer.from(linkPattern.exec(token)?.[1] ?? '', 'base64url');
    const given = Buffer.from(token);
    const isOurs = this.hashes.some((hash) => isEqual(given, Buffer.from(this.linkTokenFor(challengeHash, hash))));
    return isOurs ? challengeHash : undefined;
  }
}

const derive = (hash: KeyedHash, challengeHash: Buffer, purpose: string): Buffer =>
  hash(challengeHash.toString('base64url'), purpose);

const isEqual = (left: Buffer, right: Buffer): boolean => left.length === right.length && timingSafeEqual(left, right);
