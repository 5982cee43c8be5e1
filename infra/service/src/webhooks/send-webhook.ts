import { isIP } from 'node:net';
import { request, type Dispatcher } from 'undici';
import type { Lifecycle } from '../lifecycle/index.js';
import { createWebhookAgent, PrivateAddressError } from './confined-agent.js';
import { isPublicAddress } from './public-address.js';
import { signWebhook } from './signature.js';

export interface WebhookMessage {
  /** `https:`; also `http:` where private addresses are allowed. */
  readonly url: string;
  /** `whsec_…`; several while one gives way to another. */
  readonly secrets: readonly string[];
  /** The same for every attempt: receivers recognise a repetition by it. */
  readonly id: string;
  /** JSON. */
  readonly body: string;
  /** Of the whole attempt; default 10,000. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** What became of one attempt. Reasons are for people, and hold nothing of what the receiver wrote. */
export type WebhookOutcome =
  /** Taken (2xx). The body is undefined where it is longer than the limit. */
  | { readonly kind: 'delivered'; readonly status: number; readonly body: string | undefined }
  /** Another attempt may succeed: nobody answered in time, 408, 425, 429, 5xx. */
  | {
      readonly kind: 'retryable';
      readonly status?: number;
      readonly reason: string;
      /** What the receiver asks for, at most a day. */
      readonly retryAfterSeconds?: number;
    }
  /** The same message to the same address will fare no better: other statuses, redirects, forbidden addresses. */
  | { readonly kind: 'final'; readonly status?: number; readonly reason: string };

export interface WebhookSender {
  /** Makes one attempt. Never rejects. */
  send(message: WebhookMessage): Promise<WebhookOutcome>;
}

export interface WebhookSenderOptions {
  /** Whether addresses that are not of the internet may be called, and plain HTTP be spoken. */
  readonly allowPrivate: boolean;
  readonly lifecycle: Pick<Lifecycle, 'defer'>;
  /** The most of an answer that is read; default 64 KiB. */
  readonly maxResponseBytes?: number;
  /** Milliseconds since the epoch; default `Date.now`. */
  readonly now?: () => number;
}

const defaultTimeoutMs = 10_000;
const defaultMaxResponseBytes = 64 * 1_024;
const maxRetryAfterSeconds = 24 * 60 * 60;
const retryableStatuses: ReadonlySet<number> = new Set([408, 425, 429]);

/** Creates the sender of signed messages (Standard Webhooks); closed with the lifecycle. */
export function createWebhookSender(options: WebhookSenderOptions): WebhookSender {
  const { allowPrivate, lifecycle, maxResponseBytes = defaultMaxResponseBytes, now = Date.now } = options;
  const dispatcher = createWebhookAgent(allowPrivate);
  lifecycle.defer('webhooks', () => dispatcher.destroy());

  return {
    async send({ url, secrets, id, body, timeoutMs = defaultTimeoutMs, signal }) {
      const fault = faultOf(url, allowPrivate);
      if (fault !== undefined) return { kind: 'final', reason: fault };
      const deadline = AbortSignal.timeout(timeoutMs);
      try {
        const response = await request(url, {
          dispatcher,
          method: 'POST',
          headers: {
            'content-type': 'application/json',
            'user-agent': 'Tessera-Webhooks/1',
            ...signWebhook({ id, body, secrets, nowMs: now() }),
          },
          body,
          signal: signal === undefined ? deadline : AbortSignal.any([deadline, signal]),
        });
        const { statusCode: status, headers } = response;
        const text = await readBounded(response, maxResponseBytes);
        return outcomeOf(status, headers['retry-after'], text, now());
      } catch (error) {
        if (error instanceof PrivateAddressError) return { kind: 'final', reason: error.message };
        const reason = deadline.aborted ? `No answer within ${timeoutMs} ms` : reasonOf(error);
        return { kind: 'retryable', reason };
      }
    },
  };
}

function faultOf(url: string, allowPrivate: boolean): string | undefined {
  if (!URL.canParse(url)) return 'The URL is not valid';
  const { protocol, hostname, username, password } = new URL(url);
  if (protocol !== 'https:' && !(allowPrivate && protocol === 'http:')) return 'The URL is not https';
  if (username !== '' || password !== '') return 'The URL carries credentials';
  if (allowPrivate) return undefined;
  // An address as such is never looked up, so that the agent would not see it.
  const host = hostname.replace(/^\[|\]$/g, '');
  return isIP(host) !== 0 && !isPublicAddress(host) ? new PrivateAddressError().message : undefined;
}

function outcomeOf(status: number, retryAfter: unknown, body: string | undefined, nowMs: number): WebhookOutcome {
  if (status >= 200 && status < 300) return { kind: 'delivered', status, body };
  const reason = `Answered with status ${status}`;
  if (status < 500 && !retryableStatuses.has(status)) return { kind: 'final', status, reason };
  const retryAfterSeconds = secondsOf(retryAfter, nowMs);
  return { kind: 'retryable', status, reason, ...(retryAfterSeconds !== undefined && { retryAfterSeconds }) };
}

/** RFC 9110, 10.2.3: seconds, or a date. */
function secondsOf(retryAfter: unknown, nowMs: number): number | undefined {
  if (typeof retryAfter !== 'string') return undefined;
  const seconds = /^\d+$/.test(retryAfter) ? Number(retryAfter) : (Date.parse(retryAfter) - nowMs) / 1_000;
  if (!Number.isFinite(seconds)) return undefined;
  return Math.min(maxRetryAfterSeconds, Math.max(0, Math.ceil(seconds)));
}

/** @returns undefined for a body that is longer; the rest of it is not taken in */
async function readBounded({ body }: Dispatcher.ResponseData, maxBytes: number): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    // Leaving the loop destroys the body, and with it the connection.
    if (bytes > maxBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  return code === undefined ? 'The receiver cannot be reached' : `The receiver cannot be reached (${code})`;
}
