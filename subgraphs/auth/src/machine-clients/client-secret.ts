import { createHash, randomBytes } from 'node:crypto';

/** Tells scanners for leaked secrets what they have found. */
const prefix = 'tss_';

/** A new secret: 256 random bits. */
export const createClientSecret = (): string => prefix + randomBytes(32).toString('base64url');

/** What is stored of a secret. It is random, so a plain hash is enough: there is nothing to guess. */
export const hashClientSecret = (secret: string): Buffer => createHash('sha256').update(secret).digest();
