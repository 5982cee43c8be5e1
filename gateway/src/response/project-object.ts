import { FailedField } from '../execution/failed-field.js';
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

type Assign = (answer: Record<string, unknown>, key: string, value: unknown) => void;

/** Compiles the projection of an object: its fields in the order of the answer. */
export function compileObject(fields: readonly FieldProjection[]): ProjectObject {
  const assign: Assign = fields.some(({ responseKey }) => responseKey === '__proto__') ? define : set;
  return (object, state) => {
    const { depth, path } = state;
    const answer: Record<string, unknown> = {};
    state.depth = depth + 1;
    for (const { responseKey, resultKey, isNonNull, complete } of fields) {
      path[depth] = responseKey;
      const value = complete(object[resultKey], state);
      if (value === reportedNull && isNonNull) {
        const failed = object[resultKey];
        if (isSilent(failed)) reportCause(failed, fields, object, state);
        state.depth = depth;
        return reportedNull;
      }
      assign(answer, responseKey, value === reportedNull ? null : value);
    }
    state.depth = depth;
    return answer;
  };
}

/** Where a subgraph emptied an entity, only the field that made it do so has the reason. */
function isSilent(value: unknown): value is FailedField {
  return value instanceof FailedField && value.faults.length === 0;
}

/** Reports the reason where it arose, in or below another field of the object, or else at the silent field itself. */
function reportCause(
  silent: FailedField,
  fields: readonly FieldProjection[],
  object: ResultTree,
  state: ProjectionState,
): void {
  const own = state.path[state.depth - 1];
  const { length: before } = state.errors;
  for (const { responseKey, resultKey, complete } of fields) {
    if (isSilent(object[resultKey])) continue;
    state.path[state.depth - 1] = responseKey;
    complete(object[resultKey], state);
    if (state.errors.length > before) return;
  }
  if (own !== undefined) state.path[state.depth - 1] = own;
  state.failBy(silent.causes);
}

const set: Assign = (answer, key, value) => {
  answer[key] = value;
};

/** Clients choose their aliases: `__proto__` is a key like any other, but plain assignment would set the prototype. */
const define: Assign = (answer, key, value) => {
  Object.defineProperty(answer, key, { value, enumerable: true, configurable: true, writable: true });
};
