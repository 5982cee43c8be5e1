import type { ResultTree } from '../execution/result-tree.js';
import { reportedNull, type ProjectionState } from './projection-state.js';

/** Completes one value of the result tree. @returns {@link reportedNull} for a null that has been reported */
export type Complete = (value: unknown, state: ProjectionState) => unknown;

/** Completes one object of the result tree. */
export type ProjectObject = (object: ResultTree, state: ProjectionState) => unknown;

/** How one field of an object is answered. */
export interface FieldProjection {
  readonly responseKey: string;
  readonly resultKey: string;
  readonly isNonNull: boolean;
  readonly complete: Complete;
}

/** Compiles the projection of an object: its fields in the order of the answer. */
export function compileObject(fields: readonly FieldProjection[]): ProjectObject {
  return (object, state) => {
    const { depth, path } = state;
    const answer: Record<string, unknown> = {};
    state.depth = depth + 1;
    for (const { responseKey, resultKey, isNonNull, complete } of fields) {
      path[depth] = responseKey;
      const value = complete(object[resultKey], state);
      if (value !== reportedNull) assign(answer, responseKey, value);
      else if (!isNonNull) assign(answer, responseKey, null);
      else {
        state.depth = depth;
        return reportedNull;
      }
    }
    state.depth = depth;
    return answer;
  };
}

/** Clients choose their aliases: `__proto__` is a key like any other, but plain assignment would set the prototype. */
function assign(answer: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__') {
    Object.defineProperty(answer, key, { value, enumerable: true, configurable: true, writable: true });
  } else {
    answer[key] = value;
  }
}
