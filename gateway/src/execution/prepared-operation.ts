import type { DocumentNode, OperationDefinitionNode } from 'graphql';
import type { PlanNode } from '../planning/query-plan.js';
import type { AnswerWriter } from './answer.js';

/** An operation that is ready to run with any variables: planned once, kept in the plan store. */
export interface PreparedOperation {
  readonly kind: 'query' | 'mutation' | 'subscription';
  readonly operationName: string | undefined;
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  /** Undefined where no subgraph has to be asked (introspection alone). */
  readonly plan: PlanNode | undefined;
  readonly answer: AnswerWriter;
}

/** The request that opens a subscription's stream at one subgraph. */
export interface SubscriptionFetch {
  /** Name as in `supergraph.subgraphs`. */
  readonly subgraph: string;
  readonly query: string;
  readonly operationName: string | undefined;
  /**
   * The variables to send, out of the client's.
   *
   * @throws AppError `BAD_USER_INPUT` where the client's do not fit the operation
   */
  variables(clientVariables: Readonly<Record<string, unknown>> | undefined): Record<string, unknown>;
}
