import { createHash, randomBytes } from 'node:crypto';

/**
 * Seconds in which a spent token is taken for a client racing itself: two tabs that wake at once, or an answer that got
 * lost. Later it is taken for stolen.
 */
export const graceSeconds = 10;

/** Tells scanners for leaked secrets what they have found. */
const prefix = 'tsr_';
const pattern = /^tsr_[A-Za-z0-9_-]{43}$/;

/** A new opaque token: 256 random bits. */
export function createRefreshToken(): string {
  return `${prefix}${randomBytes(32).toString('base64url')}`;
}

export const isRefreshToken = (token: string): boolean => pattern.test(token);

/** What is stored of a token. It is random, so a plain hash is enough: there is nothing to guess. */
export function hashRefreshToken(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
