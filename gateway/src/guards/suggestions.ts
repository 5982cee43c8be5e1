import { AppError } from '@tessera/service/errors';
import type { FormattedExecutionResult } from 'graphql';
import { OperationRefusal } from '../transport/operation-refusal.js';

/** How graphql-js begins the end of a message that tells what might have been meant. */
const suggestion = ' Did you mean ';

/** Takes names of the schema out of errors, for callers whom the schema is not shown. */
export function withoutSuggestions(thrown: unknown): unknown {
  if (thrown instanceof OperationRefusal) {
    return thrown.errors.some(suggests) ? new OperationRefusal(thrown.errors.map(strip)) : thrown;
  }
  if (!(thrown instanceof AppError) || !suggests(thrown)) return thrown;
  const { code, details, retryAfterSeconds, cause } = thrown;
  return new AppError(code, strip({ message: thrown.message }).message, {
    cause,
    ...(details === undefined ? {} : { details }),
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  });
}

/** As {@link withoutSuggestions}, of an answer to what did not run. */
export function answerWithoutSuggestions<Answer extends FormattedExecutionResult>(answer: Answer): Answer {
  const { errors } = answer;
  if (errors === undefined || answer.data != null || !errors.some(suggests)) return answer;
  return { ...answer, errors: errors.map(strip) };
}

function suggests({ message }: { readonly message: string }): boolean {
  return message.endsWith('?') && message.includes(suggestion);
}

function strip<Error extends { readonly message: string }>(error: Error): Error {
  return suggests(error) ? { ...error, message: error.message.slice(0, error.message.lastIndexOf(suggestion)) } : error;
}
