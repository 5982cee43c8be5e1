import { createHash, randomBytes } from 'node:crypto';
import { z } from 'zod';

/** How every API key begins, so that scanners for leaked secrets can tell it. */
export const apiKeyPrefix = 'tsk_';

const keyBytes = 32;
const pattern = /^tsk_[\w-]{43}$/;

/** A new key: 256 bits from the cryptographic generator. */
export const createApiKeyToken = (): string => apiKeyPrefix + randomBytes(keyBytes).toString('base64url');

/** Whether a bearer token is meant as an API key. */
export const isApiKeyToken = (token: string): boolean => pattern.test(token);

/** What is kept of a key: SHA-256 in hex. */
export const hashApiKey = (token: string): string => createHash('sha256').update(token).digest('hex');

/** Where auth tells gateways whose key a hash is; answers 404 for one that is unknown, expired, revoked or not in use. */
export const apiKeyPath = (hash: string): string => `/api-keys/${hash}`;

/** Whom a key stands for. */
export const resolvedApiKeySchema = z.object({
  id: z.uuid(),
  tenantId: z.uuid(),
  /** Who made it: owns what is made with it. */
  createdBy: z.uuid(),
  scopes: z.array(z.string()),
  /** Milliseconds since the epoch. */
  expiresAtMs: z.number().optional(),
  /** How often its rights have changed. */
  rightsVersion: z.number().int(),
  /** Whether the tenant has a security policy: without knowing it, no key of it is let in. */
  isPolicied: z.boolean().default(false),
});

export type ResolvedApiKey = Readonly<z.infer<typeof resolvedApiKeySchema>>;
