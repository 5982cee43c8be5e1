import type { GatewayGraphQLRequestContext } from '@apollo/server-gateway-interface';
import { GraphQLError, type DocumentNode, type OperationDefinitionNode } from 'graphql';
import { assertFiniteNumbers } from '../guards/finite-numbers.js';

type Request = Pick<GatewayGraphQLRequestContext, 'document' | 'request'> & {
  /** Undefined where the request names none of the document's operations, whatever Apollo's type says. */
  readonly operation: OperationDefinitionNode | undefined;
};

/** Apollo Server keeps documents, so each is looked through once. */
const finite = new WeakSet<DocumentNode>();

/**
 * Refuses what Apollo Server leaves to its gateway to refuse.
 *
 * @throws GraphQLError for an operation that is not there and for a subscription; AppError `BAD_USER_INPUT` for a number
 *   that no double can hold
 */
export function assertRunnable({ document, operation, request }: Request): void {
  if (operation === undefined) throw unresolved(request.operationName);
  if (operation.operation === 'subscription') {
    throw new GraphQLError(
      'Apollo Server runs no subscriptions by its gateway: Tessera’s gateway does, where it stands by itself',
    );
  }
  if (finite.has(document)) return;
  assertFiniteNumbers(document);
  finite.add(document);
}

function unresolved(operationName: string | undefined): GraphQLError {
  const message =
    operationName === undefined || operationName === ''
      ? 'Must provide operation name if query contains multiple operations.'
      : `Unknown operation named "${operationName}".`;
  return new GraphQLError(message, { extensions: { code: 'OPERATION_RESOLUTION_FAILURE' } });
}
