import { satisfies, type SupergraphFacts } from '../planning/supergraph-facts.js';
import type { FieldTree } from './field-tree.js';
import { isTreeObject, type ResultTree } from './result-tree.js';

/** What went wrong, as a subgraph said it or as our own error has it; not yet fit to be seen. */
export interface Fault {
  readonly message: string;
  readonly extensions: Readonly<Record<string, unknown>> | undefined;
}

/** A fault at a field or, where the subgraph's own nullability has emptied that field, somewhere below it. */
export interface LocatedFault {
  readonly fault: Fault;
  /** From the field down to where the fault arose, in keys of the result tree; mostly empty. */
  readonly below: readonly (string | number)[];
}

/**
 * Stands in the result tree where a value could not be had. Whoever projects the tree answers null there and reports
 * the faults at that very path, so that an entity that stands in many places reports in each of them.
 */
export class FailedField {
  readonly faults: LocatedFault[];
  /** What would have stood below, so that what another fetch brings can be told from what is still missing. */
  readonly fields: FieldTree | undefined;
  /** Why what depends on this field cannot be had either. */
  readonly causes: readonly LocatedFault[];

  /**
   * @param faults none where the fault that emptied this field is reported elsewhere
   * @param causes that fault; default: `faults`
   */
  constructor(faults: readonly LocatedFault[], fields?: FieldTree, causes?: readonly LocatedFault[]) {
    this.faults = [...faults];
    this.fields = fields;
    this.causes = causes ?? this.faults;
  }
}

/** Puts a failure at every field of the tree that has no value yet; see {@link FailedField}. */
export function markFailed(
  target: ResultTree,
  tree: FieldTree,
  faults: readonly LocatedFault[],
  facts: SupergraphFacts,
  causes = faults,
): void {
  for (const [key, below] of tree.fields) {
    const value = target[key];
    // An interface's name stands where a subgraph that knows the interface as an object was asked first.
    const isMissing = value === undefined || (key === '__typename' && facts.possibleTypes.has(String(value)));
    if (isMissing) target[key] = new FailedField(faults, below, causes);
    else if (below !== undefined) markBelow(value, below, faults, facts, causes);
  }
  const typename = target['__typename'];
  for (const { typeCondition, tree: fragment } of tree.fragments) {
    const applies =
      typeCondition === undefined || typeof typename !== 'string' || satisfies(facts, typename, typeCondition);
    if (applies) markFailed(target, fragment, faults, facts, causes);
  }
}

type Failure = [FieldTree, readonly LocatedFault[], SupergraphFacts, readonly LocatedFault[]];

function markBelow(value: unknown, ...failure: Failure): void {
  if (Array.isArray(value)) for (const item of value) markBelow(item, ...failure);
  else if (isTreeObject(value) && !(value instanceof FailedField)) markFailed(value, ...failure);
}

/**
 * Puts a fault where a path of a subgraph's answer leads to: at the first null on the way.
 *
 * @returns whether there was a null; a fault beside a value has no place in the tree
 */
export function placeFault(
  root: ResultTree | readonly unknown[],
  path: readonly (string | number)[],
  fault: Fault,
): boolean {
  let parent: unknown = root;
  for (const [depth, key] of path.entries()) {
    if (!isPlace(parent, key)) return false;
    const value = parent[key];
    const below = path.slice(depth + 1);
    if (value === null || value === undefined) {
      parent[key] = new FailedField([{ fault, below }]);
      return true;
    }
    if (value instanceof FailedField) {
      value.faults.push({ fault, below });
      return true;
    }
    parent = value;
  }
  return false;
}

/** Whether a fault stands where its path leads to: another fetch may have brought what it emptied. */
export function hasFault(root: ResultTree, { fault, below }: LocatedFault): boolean {
  let value: unknown = root;
  for (const key of below) {
    if (!isPlace(value, key)) return false;
    value = value[key];
    if (value instanceof FailedField) return value.faults.some((placed) => placed.fault === fault);
  }
  return false;
}

function isPlace(parent: unknown, key: string | number): parent is Record<string | number, unknown> {
  if (Array.isArray(parent)) return typeof key === 'number' && key in parent;
  return isTreeObject(parent) && typeof key === 'string' && !(key in Object.prototype);
}
