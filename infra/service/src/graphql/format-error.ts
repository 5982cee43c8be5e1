import { unwrapResolverError } from '@apollo/server/errors';
import { UniqueConstraintViolationException, ConnectionException } from '@mikro-orm/core';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { AppError, errorExtensions, fromContention, isErrorCode, toAppError, type ErrorCode } from '../errors/index.js';

/** What a resolver threw, as an {@link AppError}: the database's own exceptions get the code a caller can act upon. */
export function fromResolverError(thrown: unknown): AppError {
  const code = codeOf(thrown);
  // SQL that goes past the ORM fails with the driver's own error.
  if (thrown instanceof UniqueConstraintViolationException || code === uniqueViolation) {
    return new AppError('CONFLICT', 'Something with this value exists already', { cause: thrown });
  }
  if (unstorablePattern.test(code)) {
    return new AppError('BAD_USER_INPUT', 'Input has text, a number or a date that cannot be stored', {
      cause: thrown,
    });
  }
  const contention = fromContention(thrown);
  if (contention !== undefined) return contention;
  if (thrown instanceof ConnectionException || connectionFaultPattern.test(code) || isLostConnection(thrown)) {
    return new AppError('SUBGRAPH_UNAVAILABLE', 'The database cannot be reached', { cause: thrown });
  }
  return toAppError(thrown);
}

const uniqueViolation = '23505';

/**
 * Values that PostgreSQL refuses: out of its range, or text with NUL and halves of characters. 08P01 is what it says of NUL
 * in the text of a statement, into which the ORM writes values.
 */
const unstorablePattern = /^(08P01|22003|22008|22021|22P02|22P05)$/;

/** Node's socket errors, and PostgreSQL's classes 08 (connection exception) and 57P (operator intervention). */
const connectionFaultPattern = /^(ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_|08|57P)/;

function codeOf(thrown: unknown): string {
  const code = (thrown as { readonly code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : '';
}

/** What pg says of a server that fell silent or went away in the middle carries no code. */
const lostConnectionPattern = /^(Query read timeout|Connection terminated|Client has encountered a connection error)/;

function isLostConnection(thrown: unknown): boolean {
  return thrown instanceof Error && lostConnectionPattern.test(thrown.message);
}

/**
 * The code of what GraphQL itself refuses (a text, a variable) before any resolver runs: a client's mistake, whatever a scalar
 * threw at it.
 *
 * @returns undefined for what a resolver threw
 */
export function codeOfGraphql(thrown: unknown): ErrorCode | undefined {
  if (!(thrown instanceof GraphQLError) || unwrapResolverError(thrown) !== thrown) return undefined;
  const code = thrown.extensions['code'];
  return isErrorCode(code) && code !== 'INTERNAL_SERVER_ERROR' ? code : undefined;
}

/**
 * Apollo Server's `formatError`: every error leaves a subgraph with a code of the table, and nothing that nobody meant to
 * say. GraphQL's own errors (parse, validation, variables) keep their message.
 */
export function formatSubgraphError(formatted: GraphQLFormattedError, thrown: unknown): GraphQLFormattedError {
  const position = {
    ...(formatted.locations === undefined ? {} : { locations: formatted.locations }),
    ...(formatted.path === undefined ? {} : { path: formatted.path }),
  };
  const code = codeOfGraphql(thrown);
  if (code !== undefined) return { message: formatted.message, ...position, extensions: { code } };
  const error = fromResolverError(unwrapResolverError(thrown));
  return { message: error.message, ...position, extensions: { ...errorExtensions(error) } };
}
