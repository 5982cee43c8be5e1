import { AppError } from '@tessera/service/errors';
import { newAccessTokenHeader, signPrincipal } from '@tessera/service/identity';
import { Client, Pool, type Dispatcher } from 'undici';
import type { RequestContext } from '../context.js';
import type { SubgraphEndpoint } from '../planning/supergraph.js';
import { withDeadline } from './deadline.js';
import { roundTrip } from './round-trip.js';
import { isLostConnection, toSubgraphError } from './subgraph-errors.js';
import { parseAnswer, type SubgraphAnswer } from './subgraph-answer.js';
import { resolveUrls } from './subgraph-urls.js';

export type { SubgraphAnswer, SubgraphErrorBody } from './subgraph-answer.js';

/** The part of a request that is the same each time. */
export interface SubgraphOperation {
  readonly subgraph: string;
  readonly kind: 'query' | 'mutation';
  readonly query: string;
  readonly operationName: string | undefined;
  /** The request's JSON text up to where variables would follow, without the closing brace. */
  readonly bodyHead: string;
}

/** Prepares an operation for being sent often. */
export function prepareSubgraphOperation(operation: Omit<SubgraphOperation, 'bodyHead'>): SubgraphOperation {
  const { query, operationName } = operation;
  return { ...operation, bodyHead: JSON.stringify({ query, operationName }).slice(0, -1) };
}

/** One request to one subgraph. */
export interface SubgraphRequest {
  readonly operation: SubgraphOperation;
  /** JSON text of the variables object; undefined for none. */
  readonly variables: string | undefined;
}

export type SubgraphOutcome = 'ok' | 'errors' | 'unavailable' | 'timeout' | 'aborted';

/** What {@link SubgraphClientOptions.onRequest} is told after each request. */
export interface SubgraphRequestObservation {
  readonly subgraph: string;
  readonly durationMs: number;
  readonly outcome: SubgraphOutcome;
}

export interface SubgraphClientOptions {
  readonly subgraphs: ReadonlyMap<string, SubgraphEndpoint>;
  /** Name of a subgraph -> the URL to ask instead of the supergraph's. */
  readonly urlOverrides?: Readonly<Record<string, string>>;
  /** The deadline of one request: from its beginning to the last byte of the answer, a retry included. */
  readonly timeoutMs: number;
  /** The largest answer that is read. Default 64 MiB. */
  readonly maxResponseBytes?: number;
  /** Connections per origin. Default 100. */
  readonly maxConnections?: number;
  /** The secret that requests are signed with; without one they go unsigned and without a principal. */
  readonly signingSecret?: string;
  readonly onRequest?: (observation: SubgraphRequestObservation) => void;
  /** Milliseconds since the epoch; default `Date.now`. */
  readonly now?: () => number;
}

/** Asks subgraphs. Keeps connections open; whoever made it closes it. */
export interface SubgraphClient {
  /** @throws AppError `SUBGRAPH_UNAVAILABLE`, `SUBGRAPH_TIMEOUT`, or the reason of the context's signal */
  send(request: SubgraphRequest, context: RequestContext): Promise<SubgraphAnswer>;
  /** Waits for requests under way, then closes the connections. */
  close(): Promise<void>;
}

/**
 * Creates the client of all subgraphs of one supergraph.
 *
 * @throws Error listing the subgraphs that have no usable URL, and overrides that name no subgraph
 */
export function createSubgraphClient(options: SubgraphClientOptions): SubgraphClient {
  const { timeoutMs, signingSecret, onRequest, now = Date.now } = options;
  const urls = resolveUrls(options.subgraphs, options.urlOverrides ?? {});
  const connection = {
    maxResponseSize: options.maxResponseBytes ?? 64 * 1024 * 1024,
    // The request's own deadline ends it; undici's timers would only end it at another time.
    headersTimeout: 0,
    bodyTimeout: 0,
  };
  const pools = new Map<string, Pool>();
  for (const { origin } of urls.values()) {
    if (pools.has(origin)) continue;
    pools.set(origin, new Pool(origin, { ...connection, connections: options.maxConnections ?? 100 }));
  }

  function headersOf(context: RequestContext, path: string, body: string): Record<string, string> {
    return {
      ...context.forwardedHeaders,
      'content-type': 'application/json',
      accept: 'application/graphql-response+json, application/json',
      'x-request-id': context.requestId,
      traceparent: context.traceparent,
      ...(signingSecret === undefined
        ? {}
        : signPrincipal(signingSecret, { method: 'POST', path, body }, context.encodedPrincipal, now())),
    };
  }

  async function exchange(request: SubgraphRequest, context: RequestContext, signal: AbortSignal) {
    const { operation, variables } = request;
    const url = urls.get(operation.subgraph);
    const pool = url === undefined ? undefined : pools.get(url.origin);
    if (url === undefined || pool === undefined) throw new Error(`Subgraph "${operation.subgraph}" is not known`);
    const body = variables === undefined ? `${operation.bodyHead}}` : `${operation.bodyHead},"variables":${variables}}`;
    const message: Dispatcher.DispatchOptions = {
      method: 'POST',
      path: url.pathname + url.search,
      headers: headersOf(context, url.pathname, body),
      body,
    };
    try {
      return await ask(pool, message, signal);
    } catch (error) {
      if (operation.kind === 'mutation' || !isLostConnection(error)) throw error;
      // A kept connection may have been closed by the other side in the same moment: a fresh one tells the truth.
      const fresh = new Client(url.origin, connection);
      try {
        return await ask(fresh, message, signal);
      } finally {
        await fresh.destroy();
      }
    }
  }

  return {
    async send(request, context) {
      const { subgraph } = request.operation;
      const startedAt = performance.now();
      let outcome: SubgraphOutcome = 'ok';
      try {
        const answer = await withDeadline(
          timeoutMs,
          () => new AppError('SUBGRAPH_TIMEOUT', `Subgraph "${subgraph}" did not answer in time`),
          context.signal,
          (signal) => exchange(request, context, signal),
        );
        if (answer.errors.length > 0) outcome = 'errors';
        return answer;
      } catch (thrown) {
        const error = toSubgraphError(subgraph, thrown);
        if (context.signal.aborted) outcome = 'aborted';
        else outcome = error.code === 'SUBGRAPH_TIMEOUT' ? 'timeout' : 'unavailable';
        throw error;
      } finally {
        onRequest?.({ subgraph, durationMs: performance.now() - startedAt, outcome });
      }
    },
    async close() {
      await Promise.all([...pools.values()].map((pool) => pool.close()));
    },
  };
}

async function ask(
  dispatcher: Dispatcher,
  message: Dispatcher.DispatchOptions,
  signal: AbortSignal,
): Promise<SubgraphAnswer> {
  const { statusCode, headers, text } = await roundTrip(dispatcher, message, signal);
  const answer = parseAnswer(statusCode, text);
  const newAccessToken = headers[newAccessTokenHeader];
  return typeof newAccessToken === 'string' ? { ...answer, newAccessToken } : answer;
}
