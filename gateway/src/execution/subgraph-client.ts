import type { RequestContext } from '../context.js';
import type { SubgraphAnswer } from './subgraph-answer.js';

export type { SubgraphAnswer, SubgraphErrorBody, SubgraphExchange } from './subgraph-answer.js';

/** The part of a request that is the same each time. */
export interface SubgraphOperation {
  readonly subgraph: string;
  readonly kind: 'query' | 'mutation';
  /** The text in the plan: what it asks, whatever operation it is asked for. */
  readonly planned: string;
  /** The text as it is sent, with its name where it has one. */
  readonly query: string;
  readonly operationName: string | undefined;
  /** The request's JSON text up to where variables would follow, without the closing brace. */
  readonly bodyHead: string;
}

type Preparing = Omit<SubgraphOperation, 'bodyHead' | 'planned'> & Partial<Pick<SubgraphOperation, 'planned'>>;

/** Prepares an operation for being sent often. */
export function prepareSubgraphOperation(operation: Preparing): SubgraphOperation {
  const { query, operationName, planned = query } = operation;
  return { ...operation, planned, bodyHead: JSON.stringify({ query, operationName }).slice(0, -1) };
}

/** One request to one subgraph. */
export interface SubgraphRequest {
  readonly operation: SubgraphOperation;
  /** JSON text of the variables object; undefined for none. */
  readonly variables: string | undefined;
}

/** Asks subgraphs: what this room needs of it; the registry, which knows their instances, makes it. */
export interface SubgraphClient {
  /** @throws AppError `SUBGRAPH_UNAVAILABLE`, `SUBGRAPH_TIMEOUT`, or the reason of the context's signal */
  send(request: SubgraphRequest, context: RequestContext): Promise<SubgraphAnswer>;
  /** Waits for requests under way, then closes the connections. */
  close(): Promise<void>;
}
