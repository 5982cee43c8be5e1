import { randomUUID } from 'node:crypto';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { RequestMetrics } from '@tessera/service/http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { LRUCache } from 'lru-cache';
import type { Caller } from '../../context.js';
import type { AnswerDelivery, RepeatAnswer } from '../answer-delivery.js';
import { createRequestContext } from '../request-context.js';
import { graphqlResponse, json, type Acceptance, type ResponseMediaType } from './negotiate.js';
import { validatorOf } from './http-reply.js';
import { stepBefore } from './step-before.js';

export interface RepeatedRequestsOptions {
  readonly clientAddressOf: (message: IncomingMessage) => string;
  readonly requestMetrics: RequestMetrics;
  /** Whether requests go the whole way now, whatever is known about them. */
  readonly isResting: () => boolean;
}

/** What the whole way has found out about a request. */
interface KnownRequest {
  readonly repeat: RepeatAnswer;
  readonly caller: Caller;
  readonly headers: IncomingMessage['headers'];
  readonly mediaType: ResponseMediaType;
  /** Name and value of each header that the answer gets every time. */
  readonly answerHeaders: readonly string[];
  readonly endsAtMs: number;
}

/** Sees that what the whole way looks at (supergraph, manifests, settings) bites within a second. */
const maxAgeMs = 1_000;
const maxKnown = 1_000;
const maxHeadCharacters = 4_096;

/** Of one request, of one person, or of one moment: such a head does not come again, or not with the same answer. */
const unrepeatable = ['authorization', 'cookie', 'if-none-match', 'traceparent', 'x-request-id', 'upgrade'];
/** What each answer has of its own. */
const ofEachAnswer: ReadonlySet<string> = new Set([
  'age',
  'cache-control',
  'connection',
  'content-length',
  'date',
  'etag',
  'x-request-id',
]);
const neverAborted = new AbortController().signal;

/**
 * A shorter way for GETs that come again, alike to the byte, and whose answer everybody may have: past Fastify, which costs
 * twice what the answer does. The same head gets the same treatment, so what was found out about the first is good for the
 * next, for a second; what may change from one request to the next is asked again by `repeat`.
 */
export class RepeatedRequests {
  readonly #options: RepeatedRequestsOptions;
  readonly #known = new LRUCache<string, KnownRequest>({ max: maxKnown });

  constructor(options: RepeatedRequestsOptions) {
    this.#options = options;
  }

  /** Puts itself before who serves requests now. */
  stepBefore(server: Server): void {
    stepBefore(server, (message, response, goOn) => {
      const known = message.method === 'GET' ? this.#find(message) : undefined;
      if (known === undefined) goOn();
      else void this.#answer(known, message, response, goOn);
    });
  }

  /** For the context of a request: what is offered there is remembered once the answer is out. Undefined for what does not come again. */
  listen(request: FastifyRequest, reply: FastifyReply, caller: Caller, mediaType: Acceptance['single']) {
    const { raw, headers, method } = request;
    const isPlain = mediaType === json || mediaType === graphqlResponse;
    if (method !== 'GET' || !isPlain || unrepeatable.some((name) => headers[name] !== undefined)) {
      return undefined;
    }
    const head = headOf(raw);
    if (head.length > maxHeadCharacters || this.#known.has(head)) return undefined;
    return (repeat: RepeatAnswer): void => {
      reply.raw.once('finish', () => {
        if (reply.statusCode !== 200) return;
        const answerHeaders = Object.entries(reply.getHeaders()).flatMap(([name, value]) =>
          ofEachAnswer.has(name) || value === undefined ? [] : [name, String(value)],
        );
        const endsAtMs = performance.now() + maxAgeMs;
        this.#known.set(head, { repeat, caller, headers, mediaType, answerHeaders, endsAtMs });
      });
    };
  }

  #find(message: IncomingMessage): KnownRequest | undefined {
    if (this.#known.size === 0 || this.#options.isResting()) return undefined;
    const head = headOf(message);
    const known = this.#known.get(head);
    if (known === undefined || known.endsAtMs > performance.now()) return known;
    this.#known.delete(head);
    return undefined;
  }

  async #answer(
    known: KnownRequest,
    message: IncomingMessage,
    response: ServerResponse,
    goOn: () => void,
  ): Promise<void> {
    const startedAtMs = performance.now();
    const id = randomUUID();
    const { clientAddressOf, requestMetrics } = this.#options;
    const clientSide = { clientAddress: clientAddressOf(message) };
    const context = createRequestContext(known.caller, known.headers, id, neverAborted, clientSide);
    let delivered: AnswerDelivery | undefined;
    try {
      delivered = await known.repeat(context);
    } catch {
      // The whole way says why.
    }
    if (delivered?.body === undefined || delivered.etag === undefined) return goOn();
    response.writeHead(200, headersOf(known, delivered, delivered.body, id));
    response.end(delivered.body);
    requestMetrics.observe('GET', 200, (performance.now() - startedAtMs) / 1_000);
  }
}

/** The whole head of a request, as it came. */
function headOf({ url = '', rawHeaders }: IncomingMessage): string {
  return `${url}\n${rawHeaders.join('\n')}`;
}

function headersOf(
  { answerHeaders, mediaType }: KnownRequest,
  { headers, etag = '' }: AnswerDelivery,
  body: string | Buffer,
  id: string,
): string[] {
  const all = [...answerHeaders, 'x-request-id', id, 'etag', validatorOf(etag, mediaType)];
  all.push('content-length', String(Buffer.byteLength(body)), 'cache-control', headers['cache-control'] ?? '');
  const { age } = headers;
  if (age !== undefined) all.push('age', age);
  return all;
}
