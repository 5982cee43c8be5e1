import { hash } from 'node:crypto';
import type { TaggedCodec } from '@tessera/service/cache';
import type { FormattedExecutionResult } from 'graphql';
import type { CachePolicy } from '../policy/cache-policy.js';

/** An answer that may be given again. */
export interface KeptAnswer {
  /** The whole answer as JSON. */
  readonly body: Buffer;
  /** A strong validator of these bytes. */
  readonly etag: string;
  readonly policy: CachePolicy;
  /** Milliseconds since the epoch. */
  readonly storedAtMs: number;
}

type Head = Omit<KeptAnswer, 'body'>;

/** Writes an answer for keeping. */
export function keepAnswer(answer: FormattedExecutionResult, policy: CachePolicy, storedAtMs: number): KeptAnswer {
  const body = Buffer.from(JSON.stringify(answer));
  return { body, etag: hash('sha256', body, 'base64url'), policy, storedAtMs };
}

/** Seconds, whole, never negative: the clocks of gateways may differ. */
export function ageOf({ storedAtMs }: Pick<KeptAnswer, 'storedAtMs'>, nowMs: number): number {
  return Math.max(0, Math.floor((nowMs - storedAtMs) / 1_000));
}

/** How kept answers travel to the shared store. */
export const answerCodec: TaggedCodec<KeptAnswer> = {
  encode({ body, ...head }) {
    return `${JSON.stringify(head satisfies Head)}\n${body.toString('utf8')}`;
  },
  decode(text) {
    const end = text.indexOf('\n');
    if (end === -1) return undefined;
    const head = JSON.parse(text.slice(0, end)) as Head;
    const body = Buffer.from(text.slice(end + 1));
    // A store that others can write to is not trusted with bytes that do not fit their validator.
    return hash('sha256', body, 'base64url') === head.etag ? { ...head, body } : undefined;
  },
};
