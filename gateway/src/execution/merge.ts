import type { SupergraphFacts } from '../planning/supergraph-facts.js';
import { FailedField, markBelow, placeFault } from './failed-field.js';
import { isTreeObject, type ResultTree } from './result-tree.js';

/**
 * Merges what a fetch brought into an object of the result tree. Objects and lists of the source are taken over, not
 * copied, so equal entities share them; result keys make sure that one key means one thing in all their places.
 */
export function mergeInto(target: ResultTree, source: ResultTree, facts: SupergraphFacts): void {
  // `for in` takes the keys from the object's shape, where `Object.keys` would copy them; JSON has no inherited ones.
  for (const key in source) {
    // No result key is called so: only an answer that was never asked for has it.
    if (key === '__proto__') continue;
    mergeField(target, key, source[key], facts);
  }
}

/** Merges one field. */
export function mergeField(target: ResultTree, key: string, next: unknown, facts: SupergraphFacts): void {
  const current = target[key];
  if (current === undefined) target[key] = next;
  else if (key === '__typename') target[key] = moreConcrete(current, next, facts);
  else if (current !== next) target[key] = mergeValue(current, next, facts);
}

/** A subgraph that knows an interface as an object (`@interfaceObject`) gives the interface's name: it never wins. */
function moreConcrete(current: unknown, next: unknown, facts: SupergraphFacts): unknown {
  return typeof next === 'string' && !facts.possibleTypes.has(next) ? next : current;
}

function mergeValue(current: unknown, next: unknown, facts: SupergraphFacts): unknown {
  if (current === next || next === null || next === undefined) return current;
  if (next instanceof FailedField) return mergeFailure(current, next, facts);
  if (current === null) return next;
  if (current instanceof FailedField) return mergeFailure(next, current, facts);
  if (Array.isArray(current) && Array.isArray(next)) {
    for (const [index, item] of next.entries()) {
      if (index < current.length) current[index] = mergeValue(current[index], item, facts);
    }
    return current;
  }
  if (isTreeObject(current) && isTreeObject(next)) {
    mergeInto(current, next, facts);
    return current;
  }
  return next;
}

function mergeFailure(current: unknown, failure: FailedField, facts: SupergraphFacts): unknown {
  if (current instanceof FailedField) return failure.failures.reduce((joined, one) => joined.and(one), current);
  for (const one of failure.failures) {
    if (one.fields !== undefined) markBelow(current, one.fields, one, facts);
    // What another fetch brought stands, but what went wrong below it for this one is still told where it is missing.
    else if (isTreeObject(current) || Array.isArray(current)) {
      for (const { fault, below } of one.faults) {
        if (below.length > 0) placeFault(current, below, fault, one.position);
      }
      if (one.besides?.fields !== undefined) markBelow(current, one.besides.fields, one.besides, facts);
    }
  }
  return current;
}

/** Copies a value of the result tree, for plans whose equal entities must not share their objects. */
export function copyTree<Value>(value: Value): Value;
export function copyTree(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(copyTree);
  if (!isTreeObject(value) || value instanceof FailedField) return value;
  const copy: ResultTree = {};
  for (const key of Object.keys(value)) if (key !== '__proto__') copy[key] = copyTree(value[key]);
  return copy;
}
