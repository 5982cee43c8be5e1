import { AppError } from '@tessera/service/errors';
import type { SubgraphUrls } from '../config.js';
import type { RequestContext } from '../context.js';
import type { SubgraphClient, SubgraphOperation } from '../execution/subgraph-client.js';
import { createSubgraphConnections } from '../execution/subgraph-connections.js';
import { toSubgraphError } from '../execution/subgraph-errors.js';
import { createCalledSubgraphs } from './called-subgraphs.js';
import type { Permit } from './circuit-breaker.js';
import { Flight } from './flight.js';
import { FlightBoard } from './flight-board.js';
import { callSubgraph, verdictOf, type CalledSubgraph, type CallResult } from './subgraph-call.js';
import type { SubgraphObserver, SubgraphOutcome } from './subgraph-observer.js';

export interface ResilientClientOptions {
  readonly urls: SubgraphUrls;
  /** The deadline of one request: from its beginning to the last byte of the answer, retries included. */
  readonly timeoutMs: number;
  /** Subgraph -> a deadline of its own. */
  readonly timeoutsMs?: ReadonlyMap<string, number> | undefined;
  /** The largest answer that is read, and that a compressed one may become. Default 16 MiB. */
  readonly maxResponseBytes?: number | undefined;
  /** Connections per origin. Default 100. */
  readonly maxConnections?: number;
  /** How old a connection gets before another takes its place. Default a minute. */
  readonly maxConnectionAgeMs?: number;
  /** What `Accept-Encoding` says to subgraphs. Default: the header is not sent, and they answer uncompressed. */
  readonly acceptEncoding?: string | undefined;
  /** The secret that requests are signed with; without one they go unsigned and without a principal. */
  readonly signingSecret?: string | undefined;
  /** Whether equal queries of one caller that run at the same time share a request. Default true. */
  readonly deduplicatesInFlight?: boolean | undefined;
  /** Whether answers tell of their exchange, for who keeps them. Default false. */
  readonly describesExchanges?: boolean | undefined;
  readonly observer?: SubgraphObserver;
  /** Milliseconds since the epoch; default `Date.now`. */
  readonly now?: () => number;
  /** From 0 to 1; default `Math.random`. */
  readonly random?: () => number;
}

const maxConnectTimeoutMs = 2_000;

/**
 * Creates the client of subgraphs that may be slow, broken or gone: instances are balanced, queries get one more try within
 * a budget, a subgraph that mostly fails is not asked for a while, and equal queries share a request.
 *
 * @throws ConfigError listing everything that is wrong with URLs and timeouts
 */
export function createResilientClient(options: ResilientClientOptions): SubgraphClient {
  const { urls, timeoutMs, observer = {}, random = Math.random } = options;
  const timeoutsMs = options.timeoutsMs ?? new Map<string, number>();
  const subgraphs = createCalledSubgraphs({ urls, timeoutMs, timeoutsMs, observer, random });
  const connections = createSubgraphConnections({
    maxResponseBytes: options.maxResponseBytes ?? 16 * 1024 * 1024,
    maxConnections: options.maxConnections ?? 100,
    connectTimeoutMs: Math.min(maxConnectTimeoutMs, timeoutMs),
    maxAgeMs: options.maxConnectionAgeMs ?? 60_000,
    acceptEncoding: options.acceptEncoding,
    signingSecret: options.signingSecret,
    now: options.now ?? Date.now,
  });
  const callOptions = { connections, random, onRetry: (name: string) => observer.retry?.(name) };
  const board = options.deduplicatesInFlight === false ? undefined : new FlightBoard();

  async function fly(subgraph: CalledSubgraph, flight: Flight, permit: Permit, sent: Sent): Promise<void> {
    const { operation, body, context } = sent;
    const startedAtMs = performance.now();
    const timer = setTimeout(expire, subgraph.timeoutMs, flight, subgraph.name);
    const { cancellation } = flight;
    const result = await callSubgraph(subgraph, { operation, body, context, cancellation }, callOptions);
    clearTimeout(timer);
    const nowMs = performance.now();
    const durationMs = nowMs - startedAtMs;
    subgraph.circuit.report(permit, verdictOf(result.failure, durationMs, subgraph.timeoutMs), nowMs);
    if (operation.kind === 'mutation') board?.forget(subgraphs.keys(), context);
    else board?.remove(subgraph.name, body, context, flight);
    observer.request?.({ subgraph: subgraph.name, durationMs, outcome: outcomeOf(result) });
    const { answer, head } = result;
    const isDescribed = options.describesExchanges === true && head !== undefined;
    if (answer !== undefined) flight.land(isDescribed ? { ...answer, exchange: { ...head, startedAtMs } } : answer);
    else flight.fail(toSubgraphError(subgraph.name, result.failure?.cause));
  }

  return {
    send({ operation, variables }, context) {
      const { signal } = context;
      if (signal.aborted) return Promise.reject(signal.reason as Error);
      const subgraph = subgraphs.get(operation.subgraph);
      if (subgraph === undefined) {
        return Promise.reject(toSubgraphError(operation.subgraph, new Error('There is no such subgraph')));
      }
      const { name, circuit } = subgraph;
      const body =
        variables === undefined ? `${operation.bodyHead}}` : `${operation.bodyHead},"variables":${variables}}`;
      const isShared = board !== undefined && operation.kind === 'query';
      const under = isShared ? board.find(name, body, context) : undefined;
      if (under !== undefined && under.cancellation.reason === undefined) {
        observer.shared?.(name);
        return under.join(signal);
      }
      const permit = circuit.admit(performance.now());
      if (permit === undefined) {
        observer.request?.({ subgraph: name, durationMs: 0, outcome: 'refused' });
        return Promise.reject(new AppError('SUBGRAPH_UNAVAILABLE', `Subgraph "${name}" is not available`));
      }
      const flight = new Flight();
      const answer = flight.join(signal);
      if (isShared) board.add(name, body, context, flight);
      void fly(subgraph, flight, permit, { operation, body, context });
      return answer;
    },
    close: () => connections.close(),
  };
}

interface Sent {
  readonly operation: SubgraphOperation;
  readonly body: string;
  readonly context: RequestContext;
}

function expire({ cancellation }: Flight, subgraph: string): void {
  cancellation.cancel(new AppError('SUBGRAPH_TIMEOUT', `Subgraph "${subgraph}" did not answer in time`));
}

function outcomeOf({ answer, failure }: CallResult): SubgraphOutcome {
  if (answer !== undefined) return answer.errors.length > 0 ? 'errors' : 'ok';
  if (failure?.kind !== 'stopped') return 'unavailable';
  return failure.cause instanceof AppError && failure.cause.code === 'SUBGRAPH_TIMEOUT' ? 'timeout' : 'aborted';
}
