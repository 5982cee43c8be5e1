import type { IncomingHttpHeaders } from 'node:http';
import {
  encodeClient,
  newAccessTokenHeader,
  sessionTokensHeader,
  signPrincipal,
  type ClientDetails,
} from '@tessera/service/identity';
import type { RequestContext } from '../context.js';
import type { Cancellation } from './cancellation.js';
import { decodeBody } from './decode-body.js';
import type { HttpAnswer } from './http1/http-answer.js';
import { createPlainChannel } from './plain-channel.js';
import type { Channel } from './subgraph-channel.js';
import { UnfitRequest } from './subgraph-errors.js';
import { createTlsChannel } from './tls-channel.js';

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
  /** Tokens that are for this gateway alone, which keeps them for its client. */
  readonly sessionTokens: string | undefined;
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
  /** How old a connection gets: what balances connections, and not requests, sends none of old ones to instances that come later. */
  readonly maxAgeMs: number;
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

/** What a header may hold on the wire (RFC 9110, 5.5): a line break in it would begin another header. */
const wireValue = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Creates the connections; they are opened as they are needed. */
export function createSubgraphConnections(options: SubgraphConnectionsOptions): SubgraphConnections {
  const { maxResponseBytes, acceptEncoding, signingSecret, now } = options;
  const channels = new Map<string, Channel>();
  const constantHeaders = ['content-type', 'application/json', 'accept', mediaTypes];
  if (acceptEncoding !== undefined) constantHeaders.push('accept-encoding', acceptEncoding);

  function channelTo(origin: string): Channel {
    const known = channels.get(origin);
    if (known !== undefined) return known;
    const create = origin.startsWith('https:') ? createTlsChannel : createPlainChannel;
    const channel = create({ ...options, origin, headers: constantHeaders });
    channels.set(origin, channel);
    return channel;
  }

  function headersOf({ subgraph, path }: SubgraphAddress, { kind, body, context }: SubgraphMessage): string[] {
    const headers = ['x-request-id', context.requestId, 'traceparent', context.traceparent];
    const { forwardedHeaders } = context;
    for (const name in forwardedHeaders) {
      const value = forwardedHeaders[name] ?? '';
      if (!wireValue.test(value)) throw new UnfitRequest(`Header ${name} has a value that no header can have`);
      headers.push(name, value);
    }
    if (signingSecret === undefined) return headers;
    const request = { audience: subgraph, method: 'POST', path, body };
    const client = kind === 'mutation' ? encodeClient(clientOf(context)) : undefined;
    const signed = signPrincipal(signingSecret, request, { principal: context.encodedPrincipal, client }, now());
    for (const [name, value] of Object.entries(signed)) headers.push(name, value);
    return headers;
  }

  return {
    async send(address, message, cancellation) {
      const headers = headersOf(address, message);
      const answer = await channelTo(address.origin).post(address.target, headers, message.body, cancellation);
      const text = typeof answer.body === 'string' ? answer.body : await decode(answer.headers, answer.body);
      return describe(answer, text);
    },
    async close() {
      await Promise.all([...channels.values()].map((channel) => channel.close()));
    },
  };

  async function decode(headers: IncomingHttpHeaders, body: Buffer): Promise<string> {
    const coding = firstOf(headers['content-encoding']) ?? 'identity';
    const bytes = coding === 'identity' ? body : await decodeBody(body, coding, maxResponseBytes);
    return bytes.toString('utf8');
  }
}

function clientOf({ clientAddress, clientPlace, userAgent, acceptTokens }: RequestContext): ClientDetails {
  return {
    ...(clientAddress !== undefined && { address: clientAddress }),
    ...clientPlace,
    ...(userAgent !== undefined && { userAgent }),
    ...(acceptTokens !== undefined && { hasCookies: true }),
  };
}

function describe({ statusCode, headers }: HttpAnswer, text: string): InstanceAnswer {
  const retryAfter = firstOf(headers['retry-after']);
  const newAccessToken = firstOf(headers[newAccessTokenHeader]);
  const sessionTokens = firstOf(headers[sessionTokensHeader]);
  return { statusCode, text, retryAfter, newAccessToken, sessionTokens, headers };
}

function firstOf(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === 'object' ? value[0] : value;
}
