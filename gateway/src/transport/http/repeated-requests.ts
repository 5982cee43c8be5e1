import { randomUUID } from 'node:crypto';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { RequestMetrics } from '@tessera/service/http';
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
export interface KnownRequest {
  readonly repeat: RepeatAnswer;
  readonly caller: Caller;
  readonly headers: IncomingMessage['headers'];
  readonly mediaType: ResponseMediaType;
  /** Name and value of each header that the answer gets every time. */
  readonly answerHeaders: readonly string[];
  readonly endsAtMs: number;
  /** The head of its last answer, which is good as long as the answer is described alike. */
  last: PreparedHead | undefined;
}

interface PreparedHead {
  readonly delivered: AnswerDelivery;
  /** Names and values; the first value is the id, the only one that is of each answer alone. */
  readonly head: string[];
  /** ASCII goes as it is: as UTF-8 Node would make room for three times as much. */
  readonly encoding: 'latin1' | 'utf8';
}

/** One request that goes the whole way, and how it is answered there. */
export interface ListenedRequest {
  readonly message: IncomingMessage;
  /** As text; empty where there is none. */
  readonly body: string;
  readonly response: ServerResponse;
  /** The headers that its answer has gone out with. */
  readonly sentHeaders: () => Readonly<Record<string, unknown>>;
  /** What its answer is written as. */
  readonly mediaType: Acceptance['single'];
}

/** Sees that what the whole way looks at (supergraph, manifests, settings) bites within a second. */
const maxAgeMs = 1_000;
const maxKnown = 1_000;
const maxCharacters = 4_096;

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
 * A shorter way for requests that come again, alike to the byte, and whose answer everybody may have: past all that costs
 * twice what the answer does. The same bytes get the same treatment, so what was found out about the first is good for the
 * next, for a second; what may change from one request to the next is asked again by `repeat`.
 */
export class RepeatedRequests {
  readonly #options: RepeatedRequestsOptions;
  readonly #known = new LRUCache<string, KnownRequest>({ max: maxKnown });

  constructor(options: RepeatedRequestsOptions) {
    this.#options = options;
  }

  /** Puts itself before who serves GETs now. Whoever reads bodies asks {@link find} itself. */
  stepBefore(server: Server): void {
    stepBefore(server, (message, response, goOn) => {
      const known = message.method === 'GET' ? this.find(message, '') : undefined;
      if (known === undefined) goOn();
      else void this.answer(known, message, response, randomUUID(), goOn);
    });
  }

  /** For the context of a request: what is offered there is remembered once the answer is out. Undefined for what does not come again. */
  listen({ message, body, response, sentHeaders, mediaType }: ListenedRequest, caller: Caller) {
    const { headers } = message;
    if (mediaType !== json && mediaType !== graphqlResponse) return undefined;
    if (unrepeatable.some((name) => headers[name] !== undefined)) return undefined;
    const text = textOf(message, body);
    if (text.length > maxCharacters || this.#known.has(text)) return undefined;
    return (repeat: RepeatAnswer): void => {
      response.once('finish', () => {
        if (response.statusCode !== 200) return;
        const answerHeaders = Object.entries(sentHeaders()).flatMap(([name, value]) =>
          ofEachAnswer.has(name) || value === undefined ? [] : [name, String(value)],
        );
        const endsAtMs = performance.now() + maxAgeMs;
        this.#known.set(text, { repeat, caller, headers, mediaType, answerHeaders, endsAtMs, last: undefined });
      });
    };
  }

  /** @returns what is known of a request that came before, alike to the byte */
  find(message: IncomingMessage, body: string): KnownRequest | undefined {
    if (this.#known.size === 0 || this.#options.isResting()) return undefined;
    const text = textOf(message, body);
    const known = this.#known.get(text);
    if (known === undefined || known.endsAtMs > performance.now()) return known;
    this.#known.delete(text);
    return undefined;
  }

  /** Answers it, or has it served the whole way. @param id the request's own */
  async answer(
    known: KnownRequest,
    message: IncomingMessage,
    response: ServerResponse,
    id: string,
    goOn: () => void,
  ): Promise<void> {
    const startedAtMs = performance.now();
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
    const { head, encoding } = headOf(known, delivered, delivered.body, id);
    response.writeHead(200, head);
    response.end(delivered.body, encoding);
    requestMetrics.observe(message.method ?? 'GET', 200, (performance.now() - startedAtMs) / 1_000);
  }
}

/** The whole of a request, as it came. */
function textOf({ method = '', url = '', rawHeaders }: IncomingMessage, body: string): string {
  return `${method} ${url}\n${rawHeaders.join('\n')}\n\n${body}`;
}

function headOf(known: KnownRequest, delivered: AnswerDelivery, body: string | Buffer, id: string): PreparedHead {
  let { last } = known;
  if (last?.delivered !== delivered) {
    const length = Buffer.byteLength(body);
    const head = ['x-request-id', id, ...known.answerHeaders, ...headersOfDelivery(known, delivered, length)];
    last = { delivered, head, encoding: length === body.length ? 'latin1' : 'utf8' };
    known.last = last;
  }
  last.head[1] = id;
  return last;
}

function headersOfDelivery(
  { mediaType }: KnownRequest,
  { headers, etag = '' }: AnswerDelivery,
  length: number,
): string[] {
  const all = ['etag', validatorOf(etag, mediaType), 'content-length', String(length)];
  all.push('cache-control', headers['cache-control'] ?? '');
  const { age } = headers;
  if (age !== undefined) all.push('age', age);
  return all;
}
