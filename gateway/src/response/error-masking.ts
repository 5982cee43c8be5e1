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

/** Makes of a fault what clients see. @param path in the answer; undefined for what has no place there */
export type TellFault = (
  fault: Fault,
  path: readonly (string | number)[] | undefined,
  requestId: string,
) => GraphQLFormattedError;

/**
 * Makes a fault fit to be seen: a code of the table is kept with its `details` and `retryAfterSeconds`; everything else
 * that a subgraph said stays here, and what has no such code is told as `INTERNAL_SERVER_ERROR` without its text.
 */
export const maskFault: TellFault = (fault, path, requestId) => {
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
};

/** What servers add for those who develop them. */
const developersExtensions: ReadonlySet<string> = new Set(['stacktrace', 'exception']);

/**
 * Tells a fault in its subgraph's own words, with its own code, for a supergraph whose subgraphs see to it what clients may see. What
 * is about the text that the gateway wrote stays here all the same, and so do stacks.
 */
export const showFault: TellFault = (fault, path, requestId) => {
  const code = fault.extensions?.['code'];
  if (isErrorCode(code) && documentCodes.has(code)) return maskFault(fault, path, requestId);
  const shown = Object.entries(fault.extensions ?? {}).filter(([name]) => !developersExtensions.has(name));
  return {
    message: fault.message,
    ...(path === undefined ? {} : { path }),
    extensions: { code: 'INTERNAL_SERVER_ERROR', ...Object.fromEntries(shown), requestId },
  };
};

/** An error that the gateway found by itself while it completed values: its text names only the public schema. */
export function completionError(
  message: string,
  path: readonly (string | number)[],
  requestId: string,
): GraphQLFormattedError {
  return { message, path, extensions: { code: 'INTERNAL_SERVER_ERROR', requestId } };
}
