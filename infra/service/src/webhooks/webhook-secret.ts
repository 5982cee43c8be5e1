import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { secretsOf } from '../config/index.js';

const prefix = 'whsec_';
/** Standard Webhooks, "Signature scheme": 24 to 64 bytes. */
const minBytes = 24;
const maxBytes = 64;
const secretPattern = /^whsec_(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** A secret that both sides of a webhook know: `whsec_` and 24 to 64 bytes in base64 (Standard Webhooks). */
const webhookSecretField = z
  .string()
  .regex(secretPattern, 'must be whsec_ followed by base64')
  .refine((secret) => {
    const { length } = webhookKey(secret);
    return length >= minBytes && length <= maxBytes;
  }, `must hold ${minBytes} to ${maxBytes} bytes`);

/** Such secrets, parted by commas: all of them sign, and any verifies. */
export const webhookSecretsField = secretsOf(webhookSecretField);

/** Makes a secret of 32 random bytes. */
export function createWebhookSecret(): string {
  return prefix + randomBytes(32).toString('base64');
}

/** The bytes that sign, of a secret that `webhookSecretField` has taken. */
export function webhookKey(secret: string): Buffer {
  return Buffer.from(secret.slice(prefix.length), 'base64');
}
