import type { GraphQLFormattedError } from 'graphql';
import type { DeferredAnswer } from '../transport/deferred-answer.js';
import { observeStream } from './observe-stream.js';

/**
 * Tells once when all of an answer has been told, or its client has left.
 *
 * @param onEnd called with the errors of what came later
 */
export function observeDeferral(
  { first, later }: DeferredAnswer,
  onEnd: (laterErrors: readonly GraphQLFormattedError[]) => void,
): DeferredAnswer {
  if (later === undefined) {
    onEnd([]);
    return { first };
  }
  const errors: GraphQLFormattedError[] = [];
  const parts = observeStream(
    later.parts,
    () => onEnd(errors),
    (part) => {
      for (const completed of part.completed) errors.push(...completed.errors);
    },
  );
  return { first, later: { ...later, parts } };
}
