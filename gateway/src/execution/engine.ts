import type { Logger } from '@tessera/service/logging';
import type { DocumentNode, ExecutionResult, FormattedExecutionResult } from 'graphql';
import type { RequestContext } from '../context.js';
import type { Planner } from '../planning/planner.js';
import type { Supergraph } from '../planning/supergraph.js';
import type { PrepareAnswer } from './answer.js';
import type { PreparedOperation, SubscriptionFetch } from './prepared-operation.js';
import type { SubgraphClient } from './subgraph-client.js';

export interface EngineOptions {
  readonly supergraph: Supergraph;
  readonly planner: Planner;
  readonly subgraphClient: SubgraphClient;
  /** The response room's `prepareAnswer`: rooms import only those before them, so it is handed in. */
  readonly prepareAnswer: PrepareAnswer;
  readonly logger: Logger;
  /** How many prepared operations are kept; the least recently used go first. Default 1,000. */
  readonly maxPreparedOperations?: number;
  /** The longest a plan may take. Default 5,000. */
  readonly planTimeoutMs?: number;
  /** The most selections an operation may have once its fragments are spread. Default 20,000. */
  readonly maxExpandedSelections?: number;
}

/** Plans and runs operations over one supergraph. A new supergraph means a new engine. */
export interface Engine {
  readonly supergraph: Supergraph;
  /**
   * Plans an operation, or finds it prepared. Concurrent calls for one operation share the work.
   *
   * @param document parsed from `source` and valid against `supergraph.publicSchema`
   * @throws AppError `OPERATION_TOO_COMPLEX` for what expands or plans too big, `INTERNAL_SERVER_ERROR` otherwise
   */
  prepare(document: DocumentNode, source: string, operationName?: string): Promise<PreparedOperation>;
  /**
   * Runs a query or a mutation. Never rejects: what fails is an error in the answer, at the path it belongs to.
   * An answer without `data` was refused before it ran (`BAD_USER_INPUT`: variables).
   */
  execute(
    prepared: PreparedOperation,
    variables: Readonly<Record<string, unknown>> | undefined,
    context: RequestContext,
  ): Promise<FormattedExecutionResult>;
  /** What to ask which subgraph to open the stream of a subscription. */
  subscriptionFetch(prepared: PreparedOperation): SubscriptionFetch;
  /**
   * Answers one event of a subscription: completes what the stream's subgraph sent with the other subgraphs' fields.
   *
   * @param event as the stream's subgraph sent it
   */
  executeEvent(
    prepared: PreparedOperation,
    event: ExecutionResult | FormattedExecutionResult,
    variables: Readonly<Record<string, unknown>> | undefined,
    context: RequestContext,
  ): Promise<FormattedExecutionResult>;
}

/** Creates the engine of one supergraph. It opens nothing itself: planner and client are closed by who made them. */
export declare function createEngine(options: EngineOptions): Engine;
