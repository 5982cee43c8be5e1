import type { AppError } from '@tessera/service/errors';
import type {
  DocumentNode,
  FormattedExecutionResult,
  GraphQLCompositeType,
  GraphQLFormattedError,
  GraphQLSchema,
  OperationDefinitionNode,
  SelectionSetNode,
} from 'graphql';
import type { ResultKeys } from '../planning/result-keys.js';
import type { Fault } from './failed-field.js';
import type { OperationCode } from './generated-code.js';
import type { ResultTree } from './result-tree.js';

/** A fault that has no place in the result tree: it belongs to no field, or stands beside a value. */
export interface UnplacedFault {
  readonly fault: Fault;
  /** In keys of the result tree; undefined where it belongs to no field. */
  readonly path: readonly (string | number)[] | undefined;
  /** Where the fetch that met it stands in its plan. */
  readonly position: number;
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
  /** Makes ready what is needed for some values of the variables, before somebody waits for it. */
  warm(variables: Readonly<Record<string, unknown>>): void;
  /** Makes the writer of a fragment of the operation, for objects of the type that it is on. */
  fragment(type: GraphQLCompositeType, selectionSet: SelectionSetNode): FragmentWriter;
  /** An answer without `data`: the operation was refused before it ran. */
  refuse(reasons: readonly AppError[], requestId: string): FormattedExecutionResult;
}

/** What the response room makes of one fragment that is answered by itself. */
export interface FragmentWriter {
  /** @param path of the object, in the answer */
  write(
    object: ResultTree,
    path: readonly (string | number)[],
    unplaced: readonly UnplacedFault[],
    variables: Readonly<Record<string, unknown>>,
    requestId: string,
  ): { readonly data: Readonly<Record<string, unknown>> | null; readonly errors: readonly GraphQLFormattedError[] };
}

/**
 * The response room's factory of {@link AnswerWriter}s, called once per prepared operation.
 *
 * @param code of the operation, for when it has proved busy
 */
export type PrepareAnswer = (
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  keys: ResultKeys,
  code: OperationCode,
) => AnswerWriter;
