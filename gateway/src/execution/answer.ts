import type { AppError } from '@tessera/service/errors';
import type { DocumentNode, FormattedExecutionResult, GraphQLSchema, OperationDefinitionNode } from 'graphql';
import type { ResultKeys } from '../planning/result-keys.js';
import type { Fault } from './failed-field.js';
import type { ResultTree } from './result-tree.js';

/** A fault that has no place in the result tree: it belongs to no field, or stands beside a value. */
export interface UnplacedFault {
  readonly fault: Fault;
  /** In keys of the result tree; undefined where it belongs to no field. */
  readonly path: readonly (string | number)[] | undefined;
}

/** What the response room makes of one operation: from the result tree to the client's answer. */
export interface AnswerWriter {
  /**
   * @param tree as the plan filled it, with a `FailedField` wherever a value could not be had
   * @param variables coerced
   */
  write(
    tree: ResultTree,
    unplaced: readonly UnplacedFault[],
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
  keys: ResultKeys,
) => AnswerWriter;
