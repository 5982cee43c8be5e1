import type { FlattenPath } from '../planning/query-plan.js';
import { satisfies, type SupergraphFacts } from '../planning/supergraph-facts.js';
import { FailedField } from './failed-field.js';
import { isTreeObject, type ResultTree } from './result-tree.js';

/**
 * Finds the objects that a path leads to and appends them to `targets`. What stands below a list that equal entities
 * share is found once: it is one object in all its places.
 */
export type CollectTargets = (root: ResultTree, targets: ResultTree[]) => void;

/** @param lists which lists each segment of the path has led to: one list may stand at several depths */
type Visit = (value: unknown, targets: ResultTree[], lists: Set<unknown>[]) => void;

/** Compiles a path of a plan: one function a segment, the last one first. */
export function compileCollect(path: FlattenPath, facts: SupergraphFacts): CollectTargets {
  const outermostList = path.indexOf('@');
  const visit = path.reduceRight<Visit>((next, segment, index) => {
    if (segment === '@') return index === outermostList ? visitItems(next) : visitItemsOnce(index, next);
    if ('Field' in segment) return visitField(segment.Field, next);
    return visitType(segment.TypeCondition, facts, next);
  }, appendObjects);
  return (root, targets) => visit(root, targets, []);
}

const appendObjects: Visit = (value, targets, lists) => {
  if (Array.isArray(value)) for (const item of value) appendObjects(item, targets, lists);
  else if (isTreeObject(value) && !(value instanceof FailedField)) targets.push(value);
};

function visitItems(next: Visit): Visit {
  return (value, targets, lists) => {
    if (Array.isArray(value)) for (const item of value) next(item, targets, lists);
  };
}

function visitItemsOnce(segment: number, next: Visit): Visit {
  return (value, targets, lists) => {
    if (!Array.isArray(value)) return;
    const visited = (lists[segment] ??= new Set());
    if (visited.has(value)) return;
    visited.add(value);
    for (const item of value) next(item, targets, lists);
  };
}

function visitField(key: string, next: Visit): Visit {
  return throughLists((value, targets, lists) => {
    if (isTreeObject(value) && !(value instanceof FailedField)) next(value[key], targets, lists);
  });
}

function visitType(typeConditions: readonly string[], facts: SupergraphFacts, next: Visit): Visit {
  return throughLists((value, targets, lists) => {
    if (!isTreeObject(value) || value instanceof FailedField) return;
    const typename = value['__typename'];
    // Without `__typename` the plan did not ask which type it is: then there is only one.
    const fits = typeof typename !== 'string' || typeConditions.some((name) => satisfies(facts, typename, name));
    if (fits) next(value, targets, lists);
  });
}

/** The native planner writes one `@` for a list of lists. */
function throughLists(visit: Visit): Visit {
  const visitAll: Visit = (value, targets, lists) => {
    if (Array.isArray(value)) for (const item of value) visitAll(item, targets, lists);
    else visit(value, targets, lists);
  };
  return visitAll;
}
