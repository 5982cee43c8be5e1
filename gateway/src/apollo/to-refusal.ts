import type { GatewayExecutionResult } from '@apollo/server-gateway-interface';
import { errorExtensions, toAppError } from '@tessera/service/errors';
import type { Logger } from '@tessera/service/logging';
import { GraphQLError } from 'graphql';
import { OperationRefusal } from '../transport/operation-refusal.js';

/** What Apollo Server gets for an operation that does not run; an unknown error stays here. */
export function toRefusal(thrown: unknown, logger: Logger): GatewayExecutionResult {
  if (thrown instanceof OperationRefusal) {
    return {
      errors: thrown.errors.map(({ message, extensions = {} }) => new GraphQLError(message, { extensions })),
    };
  }
  if (thrown instanceof GraphQLError) return { errors: [thrown] };
  const error = toAppError(thrown);
  if (!error.traits.safeToShow) logger.error({ err: error }, 'an operation failed');
  return { errors: [new GraphQLError(error.message, { extensions: { ...errorExtensions(error) } })] };
}
