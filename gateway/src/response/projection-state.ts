import type { GraphQLFormattedError } from 'graphql';
import type { UnplacedFault } from '../execution/answer.js';
import type { FailedField, LocatedFault } from '../execution/failed-field.js';
import type { ResultKeys } from '../planning/result-keys.js';
import { completionError, type TellFault } from './error-masking.js';

/** A null whose reason has been reported: it may climb to the next nullable place without another error. */
export const reportedNull: unique symbol = Symbol('reported null');

/** The most errors of one answer: a subgraph that fails under a list of thousands is told often enough by then. */
export const maxErrors = 500;

/** How the errors of one answer are told. */
export interface Telling {
  readonly tell: TellFault;
  readonly requestId: string;
}

/** What one projection carries along: where it is, and what it has found wrong. */
export class ProjectionState {
  readonly errors: GraphQLFormattedError[] = [];
  /** Introspection's fields by their response keys, where the operation has them. */
  readonly introspection: Readonly<Record<string, unknown>>;
  /** The first `depth` entries are the path of the value being completed; what follows is left over. */
  readonly path: (string | number)[] = [];
  depth = 0;
  /** Lists of the result tree that were completed without a fault, and what came of them; see `completeOnce`. */
  readonly completed = new Map<object, Map<unknown, unknown>>();
  readonly #keys: ResultKeys;
  readonly #telling: Telling;

  /** @param path where the projected object stands in the answer; default: at its root */
  constructor(
    keys: ResultKeys,
    telling: Telling,
    introspection: Readonly<Record<string, unknown>>,
    path: readonly (string | number)[] = [],
  ) {
    this.#keys = keys;
    this.#telling = telling;
    this.introspection = introspection;
    this.path.push(...path);
    this.depth = path.length;
  }

  /** Reports what the gateway itself found wrong with the value at the current path. */
  reject(message: string): typeof reportedNull {
    if (this.errors.length < maxErrors) {
      this.errors.push(completionError(message, this.path.slice(0, this.depth), this.#telling.requestId));
    }
    return reportedNull;
  }

  /** Reports the faults of a field that could not be had. */
  fail(field: FailedField): typeof reportedNull {
    return this.failBy(field.faults);
  }

  failBy(faults: readonly LocatedFault[]): typeof reportedNull {
    for (const { fault, below } of faults) {
      if (this.errors.length >= maxErrors) break;
      const path = [...this.path.slice(0, this.depth), ...this.#toResponsePath(below)];
      this.errors.push(this.#telling.tell(fault, path, this.#telling.requestId));
    }
    return reportedNull;
  }

  /** Reports the faults that have no place in the result tree, in the order of the plan. */
  report(unplaced: readonly UnplacedFault[]): void {
    if (unplaced.length === 0) return;
    for (const { fault, path } of [...unplaced].sort((one, other) => one.position - other.position)) {
      if (this.errors.length >= maxErrors) return;
      const located = path === undefined ? undefined : this.#toResponsePath(path);
      this.errors.push(this.#telling.tell(fault, located, this.#telling.requestId));
    }
  }

  #toResponsePath(path: readonly (string | number)[]): (string | number)[] {
    return path.map((key) => (typeof key === 'string' ? this.#keys.responseKeyOf(key) : key));
  }
}
