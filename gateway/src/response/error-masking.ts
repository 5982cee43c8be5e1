import { isErrorCode, errorCodes, type ErrorCode } from '@tessera/service/errors';
import type { GraphQLFormattedError } from 'graphql';
import type { Fault } from '../execution/failed-field.js';

const maskedMessage = 'An unexpected error happened';

/**
 * Codes that tell a client what is wrong with its own document. From a subgraph they are about a text that the gateway
 * wrote, and may name what is hidden.
 */
const documentCodes: ReadonlySet<ErrorCode> = new Set([
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'PERSISTED_QUERY_NOT_FOUND',
  'PERSISTED_QUERY_NOT_SUPPORTED',
  'PERSISTED_QUERY_NOT_IN_LIST',
]);

/**
 * Makes a fault fit to be seen: a code of the table is kept with its `details` and `retryAfterSeconds`; everything else
 * that a subgraph said stays here, and what has no such code is told as `INTERNAL_SERVER_ERROR` without its text.
 */
export function maskFault(
  fault: Fault,
  path: readonly (string | number)[] | undefined,
  requestId: string,
): GraphQLFormattedError {
  const code = fault.extensions?.['code'];
  const located = path === undefined ? {} : { path };
  if (!isErrorCode(code) || !errorCodes[code].safeToShow || documentCodes.has(code)) {
    return { message: maskedMessage, ...located, extensions: { code: 'INTERNAL_SERVER_ERROR', requestId } };
  }
  const details = fault.extensions?.['details'];
  const retryAfterSeconds = fault.extensions?.['retryAfterSeconds'];
  return {
    message: fault.message,
    ...located,
    extensions: {
      code,
      requestId,
      ...(typeof details === 'object' && details !== null ? { details } : {}),
      ...(typeof retryAfterSeconds === 'number' ? { retryAfterSeconds } : {}),
    },
  };
}

/** An error that the gateway found by itself while it completed values: its text names only the public schema. */
export function completionError(
  message: string,
  path: readonly (string | number)[],
  requestId: string,
): GraphQLFormattedError {
  return { message, path, extensions: { code: 'INTERNAL_SERVER_ERROR', requestId } };
}
