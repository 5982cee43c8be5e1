import type { RequestContext } from '../context.js';

/** One request to one subgraph. */
export interface SubgraphRequest {
  readonly subgraph: string;
  readonly kind: 'query' | 'mutation';
  readonly query: string;
  readonly operationName: string | undefined;
  readonly variables: Readonly<Record<string, unknown>> | undefined;
}

/** A GraphQL answer as it came; that it is well formed has been checked. */
export interface SubgraphAnswer {
  readonly data: Record<string, unknown> | null | undefined;
  readonly errors: readonly SubgraphErrorBody[];
}

export interface SubgraphErrorBody {
  readonly message: string;
  readonly path: readonly (string | number)[] | undefined;
  readonly extensions: Readonly<Record<string, unknown>> | undefined;
}

export type SubgraphOutcome = 'ok' | 'errors' | 'unavailable' | 'timeout' | 'aborted';

/** What {@link SubgraphClientOptions.onRequest} is told after each request. */
export interface SubgraphRequestObservation {
  readonly subgraph: string;
  readonly durationMs: number;
  readonly outcome: SubgraphOutcome;
}

export interface SubgraphClientOptions {
  /** Name of a subgraph -> URL: the supergraph's URLs with the configuration's overrides applied. */
  readonly urls: ReadonlyMap<string, string>;
  /** The deadline of one request, first byte sent to last byte received. */
  readonly timeoutMs: number;
  /** The largest answer that is read. Default 64 MiB. */
  readonly maxResponseBytes?: number;
  /** Connections per subgraph. Default 100. */
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
  close(): Promise<void>;
}

/** Creates the client of all subgraphs of one supergraph. */
export declare function createSubgraphClient(options: SubgraphClientOptions): SubgraphClient;
