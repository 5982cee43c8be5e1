import type { FlattenPath } from '../planning/query-plan.js';
import { satisfies, type SupergraphFacts } from '../planning/supergraph-facts.js';
import { FailedField } from './failed-field.js';
import { isTreeObject, type ResultTree } from './result-tree.js';

/** Finds the objects that a path leads to and appends them to `targets`. */
export type CollectTargets = (root: ResultTree, targets: ResultTree[]) => void;

type Visit = (value: unknown, targets: ResultTree[]) => void;

/** Compiles a path of a plan: one function a segment, the last one first. */
export function compileCollect(path: FlattenPath, facts: SupergraphFacts): CollectTargets {
  return path.reduceRight<Visit>((next, segment) => {
    if (segment === '@') return visitItems(next);
    if ('Field' in segment) return visitField(segment.Field, next);
    return visitType(segment.TypeCondition, facts, next);
  }, appendObjects);
}

const appendObjects: Visit = (value, targets) => {
  if (Array.isArray(value)) for (const item of value) appendObjects(item, targets);
  else if (isTreeObject(value) && !(value instanceof FailedField)) targets.push(value);
};

function visitItems(next: Visit): Visit {
  return (value, targets) => {
    if (Array.isArray(value)) for (const item of value) next(item, targets);
  };
}

function visitField(key: string, next: Visit): Visit {
  return (value, targets) => {
    if (isTreeObject(value) && !(value instanceof FailedField)) next(value[key], targets);
  };
}

function visitType(typeConditions: readonly string[], facts: SupergraphFacts, next: Visit): Visit {
  return (value, targets) => {
    if (!isTreeObject(value) || value instanceof FailedField) return;
    const typename = value['__typename'];
    // Without `__typename` the plan did not ask which type it is: then there is only one.
    const fits = typeof typename !== 'string' || typeConditions.some((name) => satisfies(facts, typename, name));
    if (fits) next(value, targets);
  };
}
