import { hash } from 'node:crypto';
import type { TaggedCodec } from '@tessera/service/cache';
import type { FormattedExecutionResult } from 'graphql';
import type { CachePolicy } from '../policy/cache-policy.js';

/** An answer that may be given again. */
export interface KeptAnswer {
  /** The whole answer as JSON; what is short as text, for it then leaves in one piece with its head. */
  readonly body: string | Buffer;
  readonly bytes: number;
  /** A strong validator of these bytes. */
  readonly etag: string;
  readonly policy: CachePolicy;
  /** Milliseconds since the epoch. */
  readonly storedAtMs: number;
}

type Head = Omit<KeptAnswer, 'body'>;

/** Node writes a text and its head with one call, bytes and their head with a dearer one; long texts cost their encoding. */
const maxTextBytes = 16_384;

/** Writes an answer for keeping. */
export function keepAnswer(answer: FormattedExecutionResult, policy: CachePolicy, storedAtMs: number): KeptAnswer {
  const text = JSON.stringify(answer);
  const bytes = Buffer.byteLength(text);
  return { body: bodyOf(text, bytes), bytes, etag: hash('sha256', text, 'base64url'), policy, storedAtMs };
}

/** Seconds, whole, never negative: the clocks of gateways may differ. */
export function ageOf({ storedAtMs }: Pick<KeptAnswer, 'storedAtMs'>, nowMs: number): number {
  return Math.max(0, Math.floor((nowMs - storedAtMs) / 1_000));
}

/** How kept answers travel to the shared store. */
export const answerCodec: TaggedCodec<KeptAnswer> = {
  encode({ body, ...head }) {
    return `${JSON.stringify(head satisfies Head)}\n${typeof body === 'string' ? body : body.toString('utf8')}`;
  },
  decode(text) {
    const end = text.indexOf('\n');
    if (end === -1) return undefined;
    const head = JSON.parse(text.slice(0, end)) as Head;
    const body = text.slice(end + 1);
    // A store that others can write to is not trusted with bytes that do not fit their validator.
    return hash('sha256', body, 'base64url') === head.etag ? { ...head, body: bodyOf(body, head.bytes) } : undefined;
  },
};

function bodyOf(text: string, bytes: number): string | Buffer {
  return bytes <= maxTextBytes ? text : Buffer.from(text);
}
