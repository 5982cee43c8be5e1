import type { IncomingHttpHeaders } from 'node:http';
import { encodeClient, newAccessTokenHeader, signPrincipal, type ClientDetails } from '@tessera/service/identity';
import { Pool, type Dispatcher } from 'undici';
import type { RequestContext } from '../context.js';
import { exchange, type HttpAnswer } from './answer-reader.js';
import type { Cancellation } from './cancellation.js';
import { decodeBody } from './decode-body.js';

/** Where one instance of a subgraph is asked. */
export interface SubgraphAddress {
  /** Its name: what requests to it are signed for. */
  readonly subgraph: string;
  readonly origin: string;
  /** With the query string. */
  readonly target: string;
  /** Without it: what is signed. */
  readonly path: string;
}

/** What one instance answered, whatever it means. */
export interface InstanceAnswer {
  readonly statusCode: number;
  readonly text: string;
  /** As the header says it: seconds, or a date. */
  readonly retryAfter: string | undefined;
  /** The token of who the caller has become by this mutation. */
  readonly newAccessToken: string | undefined;
  readonly headers: IncomingHttpHeaders;
}

/** What one instance is asked. */
export interface SubgraphMessage {
  readonly kind: 'query' | 'mutation';
  /** JSON text. */
  readonly body: string;
  readonly context: RequestContext;
}

export interface SubgraphConnectionsOptions {
  /** The largest answer that is read, and that a compressed one may become. */
  readonly maxResponseBytes: number;
  /** Connections per origin. */
  readonly maxConnections: number;
  /** How long opening a connection may take. */
  readonly connectTimeoutMs: number;
  /** What `Accept-Encoding` says; without it the header is not sent. */
  readonly acceptEncoding: string | undefined;
  /** The secret that requests are signed with; without one they go unsigned and without a principal. */
  readonly signingSecret: string | undefined;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Connections that are kept open for the next requests. */
export interface SubgraphConnections {
  /**
   * Sends one request once.
   *
   * @throws OversizedAnswer, the cancellation's reason, or the network's error
   */
  send(address: SubgraphAddress, message: SubgraphMessage, cancellation: Cancellation): Promise<InstanceAnswer>;
  /** Waits for requests under way, then closes the connections. */
  close(): Promise<void>;
}

const mediaTypes = 'application/graphql-response+json, application/json';

/** Creates the connections; they are opened as they are needed. */
export function createSubgraphConnections(options: SubgraphConnectionsOptions): SubgraphConnections {
  const { maxResponseBytes, maxConnections, connectTimeoutMs, acceptEncoding, signingSecret, now } = options;
  const pools = new Map<string, Pool>();

  function poolOf(origin: string): Pool {
    const known = pools.get(origin);
    if (known !== undefined) return known;
    const pool = new Pool(origin, {
      connections: maxConnections,
      connect: { timeout: connectTimeoutMs },
      // The request's own deadline ends it; undici's timers would only end it at another time.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
    pools.set(origin, pool);
    return pool;
  }

  function headersOf({ subgraph, path }: SubgraphAddress, message: SubgraphMessage, body: Buffer): string[] {
    const { context, kind } = message;
    const headers = ['content-type', 'application/json', 'accept', mediaTypes];
    headers.push('x-request-id', context.requestId, 'traceparent', context.traceparent);
    if (acceptEncoding !== undefined) headers.push('accept-encoding', acceptEncoding);
    const { forwardedHeaders } = context;
    for (const name in forwardedHeaders) headers.push(name, forwardedHeaders[name] ?? '');
    if (signingSecret === undefined) return headers;
    const request = { audience: subgraph, method: 'POST', path, body };
    const client = kind === 'mutation' ? encodeClient(clientOf(context)) : undefined;
    const signed = signPrincipal(signingSecret, request, { principal: context.encodedPrincipal, client }, now());
    for (const [name, value] of Object.entries(signed)) headers.push(name, value);
    return headers;
  }

  return {
    async send(address, message, cancellation) {
      const { origin, target } = address;
      const bytes = Buffer.from(message.body);
      const request: Dispatcher.DispatchOptions = {
        method: 'POST',
        path: target,
        headers: headersOf(address, message, bytes),
        body: bytes,
      };
      const answer = await exchange(poolOf(origin), request, maxResponseBytes, cancellation);
      const coding = firstOf(answer.headers['content-encoding']);
      if (coding === undefined || coding === 'identity') return describe(answer, answer.body);
      return describe(answer, await decodeBody(answer.body, coding, maxResponseBytes));
    },
    async close() {
      await Promise.all([...pools.values()].map((pool) => pool.close()));
    },
  };
}

function clientOf({ clientAddress, userAgent }: RequestContext): ClientDetails {
  return {
    ...(clientAddress !== undefined && { address: clientAddress }),
    ...(userAgent !== undefined && { userAgent }),
  };
}

function describe({ statusCode, headers }: HttpAnswer, body: Buffer): InstanceAnswer {
  const retryAfter = firstOf(headers['retry-after']);
  const newAccessToken = firstOf(headers[newAccessTokenHeader]);
  return { statusCode, text: body.toString('utf8'), retryAfter, newAccessToken, headers };
}

function firstOf(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === 'object' ? value[0] : value;
}
