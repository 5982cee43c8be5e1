import { satisfies, type SupergraphFacts } from '../planning/supergraph-facts.js';
import { treesBelow, type FieldTree } from './field-tree.js';
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

/** Why one fetch could not bring a value. */
export interface Failure {
  /** None where the fault that emptied the field is reported elsewhere. */
  readonly faults: readonly LocatedFault[];
  /** Why what depends on the field cannot be had either: mostly the faults. */
  readonly causes: readonly LocatedFault[];
  /** What would have stood below, so that what another fetch brings can be told from what is still missing. */
  readonly fields?: FieldTree | undefined;
  /** Where the faults have places of their own below: what the same fetch says of all that is missing besides. */
  readonly besides?: Failure;
  /** Where the fetch stands in its plan. Who answers first differs from run to run: who is heard must not. */
  readonly position: number;
}

/**
 * Stands in the result tree where a value could not be had. Whoever projects the tree answers null there and reports
 * the faults at that very path, so that an entity that stands in many places reports in each of them.
 */
export class FailedField {
  /** One for each fetch, whoever is heard first. */
  readonly failures: readonly [Failure, ...Failure[]];

  constructor(...failures: readonly [Failure, ...Failure[]]) {
    this.failures = failures;
  }

  get faults(): readonly LocatedFault[] {
    return this.failures[0].faults;
  }

  get causes(): readonly LocatedFault[] {
    return this.failures[0].causes;
  }

  /** The field, where one more fetch has failed to bring it. */
  and(failure: Failure): FailedField {
    const same = this.failures.find(({ position }) => position === failure.position);
    if (same !== undefined && (failure.fields === undefined || (same.fields ?? same.besides) !== undefined))
      return this;
    const others = this.failures.filter((known) => known !== same);
    const joined = same === undefined ? failure : { ...same, besides: failure };
    const [first, ...rest] = [...others, joined].sort(whoIsHeard);
    return first === undefined ? this : new FailedField(first, ...rest);
  }

  /** The field, where one more fault of a fetch has emptied it. */
  andFault(located: LocatedFault, position: number): FailedField {
    const [first, ...others] = this.failures.map((failure) => {
      if (failure.position !== position) return failure;
      const isOwnCause = failure.causes === failure.faults;
      const faults = [...failure.faults, located];
      return { ...failure, faults, causes: isOwnCause ? faults : failure.causes };
    });
    const known = first === undefined ? this : new FailedField(first, ...others);
    return known.and({ faults: [located], causes: [located], position });
  }
}

/** A field that could not be had for one reason. */
export function failedBy(fault: Fault, position = 0, below: LocatedFault['below'] = []): FailedField {
  const faults = [{ fault, below }];
  return new FailedField({ faults, causes: faults, position });
}

/** Who has something to tell before who has not, then as in the plan. */
function whoIsHeard(one: Failure, other: Failure): number {
  return Number(one.faults.length === 0) - Number(other.faults.length === 0) || one.position - other.position;
}

/** Puts a failure at every field of the tree that has no value yet; see {@link FailedField}. */
export function markFailed(target: ResultTree, tree: FieldTree, failure: Failure, facts: SupergraphFacts): void {
  for (const [key, below] of tree.fields) {
    const value = target[key];
    // An interface's name stands where a subgraph that knows the interface as an object was asked first.
    const isMissing = value === undefined || (key === '__typename' && facts.possibleTypes.has(String(value)));
    if (isMissing) target[key] = new FailedField({ ...failure, fields: below });
    else if (value instanceof FailedField) target[key] = value.and({ ...failure, fields: below });
    else if (below !== undefined) markBelow(value, below, failure, facts);
  }
  const typename = target['__typename'];
  for (const { typeCondition, tree: fragment } of tree.fragments) {
    const applies =
      typeCondition === undefined || typeof typename !== 'string' || satisfies(facts, typename, typeCondition);
    if (applies) markFailed(target, fragment, failure, facts);
  }
}

/** Does so in a value of the result tree: an object, or each object of a list. */
export function markBelow(value: unknown, tree: FieldTree, failure: Failure, facts: SupergraphFacts): void {
  if (Array.isArray(value)) for (const item of value) markBelow(item, tree, failure, facts);
  else if (isTreeObject(value) && !(value instanceof FailedField)) markFailed(value, tree, failure, facts);
}

/**
 * Puts a fault where a path of a subgraph's answer leads to: at the first null on the way.
 *
 * @param tree what was asked for, where a path may lead elsewhere
 * @returns whether there was a null; a fault beside a value, or where nothing was asked for, has no place in the tree
 */
export function placeFault(
  root: ResultTree | readonly unknown[],
  path: readonly (string | number)[],
  fault: Fault,
  position: number,
  tree?: FieldTree,
): boolean {
  let parent: unknown = root;
  let trees: readonly FieldTree[] | undefined = tree && [tree];
  for (const [depth, key] of path.entries()) {
    if (!isPlace(parent, key)) return false;
    if (trees !== undefined && typeof key === 'string') {
      trees = treesBelow(trees, key);
      if (trees === undefined) return false;
    }
    const value = parent[key];
    const below = path.slice(depth + 1);
    if (value === null || value === undefined) {
      parent[key] = failedBy(fault, position, below);
      return true;
    }
    if (value instanceof FailedField) {
      parent[key] = value.andFault({ fault, below }, position);
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
    if (value instanceof FailedField)
      return value.failures.some(({ faults }) => faults.some((placed) => placed.fault === fault));
  }
  return false;
}

function isPlace(parent: unknown, key: string | number): parent is Record<string | number, unknown> {
  if (Array.isArray(parent)) return typeof key === 'number' && key in parent;
  return isTreeObject(parent) && typeof key === 'string' && !(key in Object.prototype);
}
