import { createHmac, timingSafeEqual } from 'node:crypto';
import { AppError } from '../errors/index.js';
import { webhookKey } from './webhook-secret.js';

/** Standard Webhooks: how far a message's time may be from the receiver's. */
const toleranceSeconds = 5 * 60;
/** No honest sender rotates among more secrets at once; each one costs an HMAC's comparison. */
const maxSignatures = 10;
const idPattern = /^[\x21-\x2d\x2f-\x7e]{1,255}$/;

export interface WebhookHeaders {
  readonly 'webhook-id': string;
  /** Seconds since the epoch. */
  readonly 'webhook-timestamp': string;
  /** `v1,<base64>`, several separated by spaces. */
  readonly 'webhook-signature': string;
}

export interface SignWebhookOptions {
  /** Unique to the message and the same for every attempt at it; no dots (Standard Webhooks). */
  readonly id: string;
  readonly body: string;
  /** `whsec_…`; several while one gives way to another. */
  readonly secrets: readonly string[];
  /** Of this attempt, in milliseconds since the epoch. */
  readonly nowMs: number;
}

/** Signs a message: `HMAC-SHA256(id.timestamp.body)`, one signature per secret (Standard Webhooks v1). */
export function signWebhook({ id, body, secrets, nowMs }: SignWebhookOptions): WebhookHeaders {
  if (!idPattern.test(id)) throw new TypeError('Id of a webhook must be printable, without spaces and dots');
  const timestamp = String(Math.floor(nowMs / 1_000));
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': secrets
      .map((secret) => `v1,${digest(secret, id, timestamp, body).toString('base64')}`)
      .join(' '),
  };
}

/** A message that came from who knows a secret, within the last minutes. */
export interface VerifiedWebhook {
  /** Covered by the signature. To be recorded with what the message causes: one that is recorded is a repetition. */
  readonly id: string;
  readonly sentAtMs: number;
}

/**
 * Verifies what {@link signWebhook} made, in constant time.
 *
 * @param body the bytes as they came, not parsed and written again
 * @param secrets `whsec_…`; any of them may have signed
 * @throws AppError `UNAUTHENTICATED` for a message that is unsigned, altered, or more than five minutes away from now
 */
export function verifyWebhook(
  secrets: readonly string[],
  headers: Readonly<Record<string, unknown>>,
  body: string | Uint8Array,
  nowMs: number,
): VerifiedWebhook {
  const id = headers['webhook-id'];
  const timestamp = headers['webhook-timestamp'];
  const signature = headers['webhook-signature'];
  if (typeof id !== 'string' || typeof timestamp !== 'string' || typeof signature !== 'string') {
    throw new AppError('UNAUTHENTICATED', 'The webhook is not signed');
  }
  if (!idPattern.test(id) || !/^\d{1,12}$/.test(timestamp)) {
    throw new AppError('UNAUTHENTICATED', 'The headers of the webhook are malformed');
  }
  const given = signature.split(' ', maxSignatures).filter((part) => part.startsWith('v1,'));
  const isSigned = secrets.some((secret) => {
    const expected = digest(secret, id, timestamp, body);
    return given.some((part) => isSame(expected, Buffer.from(part.slice('v1,'.length), 'base64')));
  });
  if (!isSigned) throw new AppError('UNAUTHENTICATED', 'The signature of the webhook does not match');
  const sentAtMs = Number(timestamp) * 1_000;
  if (Math.abs(nowMs - sentAtMs) > toleranceSeconds * 1_000) {
    throw new AppError('UNAUTHENTICATED', 'The webhook is too old, or of the future');
  }
  return { id, sentAtMs };
}

function digest(secret: string, id: string, timestamp: string, body: string | Uint8Array): Buffer {
  return createHmac('sha256', webhookKey(secret)).update(`${id}.${timestamp}.`).update(body).digest();
}

function isSame(expected: Buffer, actual: Buffer): boolean {
  return expected.length === actual.length && timingSafeEqual(expected, actual);
}
