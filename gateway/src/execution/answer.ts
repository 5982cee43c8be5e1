import type { AppError } from '@tessera/service/errors';
import type { DocumentNode, FormattedExecutionResult, GraphQLSchema, OperationDefinitionNode } from 'graphql';

export type ResponsePath = readonly (string | number)[];

/** Something that went wrong while the plan ran, before it is made fit to be seen. */
export interface ExecutionFailure {
  /** Where in the client's answer; absent where it belongs to no field. */
  readonly path: ResponsePath | undefined;
  readonly message: string;
  /** As the subgraph sent them, or as our own error has them. */
  readonly extensions: Readonly<Record<string, unknown>> | undefined;
}

/** The result tree as subgraphs filled it: null-prototype objects, arrays, scalars. */
export type ResultTree = Record<string, unknown>;

/** What the response room makes of one operation: from the result tree to the client's answer. */
export interface AnswerWriter {
  write(
    tree: ResultTree | null,
    failures: readonly ExecutionFailure[],
    variables: Readonly<Record<string, unknown>>,
    requestId: string,
  ): FormattedExecutionResult;
  /** An answer without `data`: the operation was refused before it ran. */
  refuse(reasons: readonly AppError[], requestId: string): FormattedExecutionResult;
}

/** The response room's factory of {@link AnswerWriter}s, called once per prepared operation. */
export type PrepareAnswer = (
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
) => AnswerWriter;
