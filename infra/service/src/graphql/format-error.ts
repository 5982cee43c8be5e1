import { unwrapResolverError } from '@apollo/server/errors';
import { UniqueConstraintViolationException, ConnectionException } from '@mikro-orm/core';
import type { GraphQLFormattedError } from 'graphql';
import { AppError, errorExtensions, isErrorCode, toAppError } from '../errors/index.js';

/** What a resolver threw, as an {@link AppError}: the database's own exceptions get the code a caller can act upon. */
export function fromResolverError(thrown: unknown): AppError {
  if (thrown instanceof UniqueConstraintViolationException) {
    return new AppError('CONFLICT', 'Something with this value exists already', { cause: thrown });
  }
  if (thrown instanceof ConnectionException || isConnectionFault(thrown)) {
    return new AppError('SUBGRAPH_UNAVAILABLE', 'The database cannot be reached', { cause: thrown });
  }
  return toAppError(thrown);
}

/** Node's socket errors, and the server's classes 08 (connection exception) and 57P (operator intervention). */
function isConnectionFault(thrown: unknown): boolean {
  const code = (thrown as { readonly code?: unknown } | null)?.code;
  if (typeof code !== 'string') return false;
  return /^(ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_|08|57P)/.test(code);
}

/**
 * Apollo Server's `formatError`: every error leaves a subgraph with a code of the table, and nothing that nobody meant to
 * say. GraphQL's own errors (parse, validation, variables) keep their message.
 */
export function formatSubgraphError(formatted: GraphQLFormattedError, thrown: unknown): GraphQLFormattedError {
  const original = unwrapResolverError(thrown);
  const position = {
    ...(formatted.locations === undefined ? {} : { locations: formatted.locations }),
    ...(formatted.path === undefined ? {} : { path: formatted.path }),
  };
  const isFromGraphql = original === thrown && !(original instanceof AppError);
  const code = formatted.extensions?.['code'];
  if (isFromGraphql && isErrorCode(code) && code !== 'INTERNAL_SERVER_ERROR') {
    return { message: formatted.message, ...position, extensions: { code } };
  }
  const error = fromResolverError(original);
  return { message: error.message, ...position, extensions: { ...errorExtensions(error) } };
}
