import { AppError } from '@tessera/service/errors';
import type { OperationDefinitionNode } from 'graphql';
import type { StoredDocument } from './document-store.js';

/**
 * Finds the operation that the client means (GraphQL specification, GetOperation).
 *
 * @throws AppError `BAD_USER_INPUT` where the name is unknown, or absent though there is a choice
 */
export function selectOperation(
  { operations }: StoredDocument,
  operationName: string | undefined,
): OperationDefinitionNode {
  const [only, ...others] = operations;
  if (only === undefined) throw new AppError('BAD_USER_INPUT', 'The document has no operation');
  if (operationName === undefined) {
    if (others.length === 0) return only;
    throw new AppError('BAD_USER_INPUT', 'Parameter operationName is required: the document has several operations');
  }
  const named = operations.find(({ name }) => name?.value === operationName);
  if (named === undefined)
    throw new AppError('BAD_USER_INPUT', 'The document has no operation of the name in operationName');
  return named;
}
