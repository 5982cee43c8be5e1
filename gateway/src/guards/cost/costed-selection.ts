import type { Amount } from './amount.js';
import type { Condition } from './condition.js';

/** One response key of a selection, with everything that decides what it costs. */
export interface CostedField {
  readonly responseKey: string;
  readonly condition: Condition;
  readonly arguments: Amount;
  /** Of each object or leaf. */
  readonly weight: number;
  /** How many objects or leaves there can be; 1 where the field is no list. */
  readonly size: Amount;
  readonly selection: CostedSelection | undefined;
}

/** What is selected at one place, with what it costs. */
export interface CostedSelection {
  readonly fields: readonly CostedField[];
  /** What is selected for some types only; an object has what those branches say whose types hold its own. */
  readonly branches: readonly CostedBranch[];
}

/** What is selected there where the object is of one of some types. */
export interface CostedBranch {
  readonly types: ReadonlySet<string>;
  readonly condition: Condition;
  readonly selection: CostedSelection;
}
