import { errorCodes, isErrorCode, toAppError } from '@tessera/service/errors';
import type { FastifyBaseLogger } from 'fastify';
import type { FormattedExecutionResult, GraphQLFormattedError } from 'graphql';
import { formatAppError, OperationRefusal } from './operation-refusal.js';

/** Turns whatever stopped an operation into the errors that its client sees; what is not ours loses its text to the log. */
export function answerErrors(
  thrown: unknown,
  requestId: string,
  logger: Pick<FastifyBaseLogger, 'error'>,
): readonly GraphQLFormattedError[] {
  const errors = formatErrors(thrown, requestId);
  if (codeOf({ errors }) === 'INTERNAL_SERVER_ERROR') logger.error({ err: thrown, requestId }, 'an operation failed');
  return errors;
}

/** As {@link answerErrors}, where somebody else logs. */
export function formatErrors(thrown: unknown, requestId: string): readonly GraphQLFormattedError[] {
  if (!(thrown instanceof OperationRefusal)) return [formatAppError(toAppError(thrown), requestId)];
  return thrown.errors.map((error) => ({ ...error, extensions: { ...error.extensions, requestId } }));
}

/** The code that an answer without data is about. */
export function codeOf(answer: FormattedExecutionResult): string {
  const code = answer.errors?.[0]?.extensions?.['code'];
  return isErrorCode(code) ? code : 'INTERNAL_SERVER_ERROR';
}

/**
 * The HTTP status of the answer to a well-formed request (GraphQL over HTTP, section 6.4).
 *
 * `application/json` may come from a proxy as well as from us, so there the specification wants 200 wherever the
 * server understood the request; what concerns HTTP itself (who, how much, how often) keeps its status.
 */
export function statusOf(answer: FormattedExecutionResult, mediaType: string): number {
  if (answer.data !== undefined) return 200;
  const code = codeOf(answer);
  const { httpStatus } = errorCodes[isErrorCode(code) ? code : 'INTERNAL_SERVER_ERROR'];
  return mediaType === 'application/json' && httpStatus === 400 ? 200 : httpStatus;
}
