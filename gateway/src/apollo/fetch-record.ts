import type { SubgraphOperation } from '../execution/subgraph-client.js';

/** One request to a subgraph while a trace is captured. */
export interface FetchRecord {
  readonly operation: SubgraphOperation;
  readonly sentAt: Date;
  /** Nanoseconds since the request of the client began. */
  readonly sentTimeOffset: number;
  receivedAt?: Date;
  /** The subgraph's own trace: Base64 of a protobuf. */
  ftv1?: string;
}

/** What asks a subgraph for its trace, and what an answer carries it as. */
export const traceHeader = 'apollo-federation-include-trace';
export const traceFormat = 'ftv1';
