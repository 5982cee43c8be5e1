import { Kind, type DirectiveNode } from 'graphql';
import type { DeferredFragment, FragmentStep } from '../../planning/defer/deferred-fragments.js';
import { satisfies, type SupergraphFacts } from '../../planning/supergraph-facts.js';
import { FailedField } from '../failed-field.js';
import { isTreeObject, type ResultTree } from '../result-tree.js';

/** An object of the answer. */
export interface AnsweredObject {
  readonly object: ResultTree;
  /** What has been told of it. */
  readonly told: Readonly<Record<string, unknown>>;
  readonly path: readonly (string | number)[];
}

/** Finds the objects that a deferred fragment is about: those that were told, and of its type. */
export function findObjects(
  { steps, conditions }: DeferredFragment,
  from: AnsweredObject,
  variables: Readonly<Record<string, unknown>>,
  facts: SupergraphFacts,
): AnsweredObject[] {
  const found: AnsweredObject[] = [];

  function visit(value: unknown, told: unknown, path: AnsweredObject['path'], rest: readonly FragmentStep[]): void {
    if (Array.isArray(told) && Array.isArray(value)) {
      for (const [index, item] of told.entries()) visit(value[index], item, [...path, index], rest);
      return;
    }
    if (!isTreeObject(value) || value instanceof FailedField || !isTreeObject(told)) return;
    const [step, ...further] = rest;
    if (step === undefined) found.push({ object: value, told, path });
    else if ('typeCondition' in step) {
      const typename = value['__typename'];
      const fits = typeof typename !== 'string' || satisfies(facts, typename, step.typeCondition);
      if (fits) visit(value, told, path, further);
    } else {
      const { responseKey, resultKey } = step;
      const next = Object.hasOwn(told, responseKey) ? told[responseKey] : undefined;
      visit(value[resultKey], next, [...path, responseKey], further);
    }
  }

  if (conditions.every((condition) => isMet(condition, variables))) visit(from.object, from.told, from.path, steps);
  return found;
}

function isMet({ name, arguments: given }: DirectiveNode, variables: Readonly<Record<string, unknown>>): boolean {
  const condition = given?.[0]?.value;
  const isTrue =
    condition?.kind === Kind.VARIABLE
      ? variables[condition.name.value] === true
      : condition?.kind === Kind.BOOLEAN && condition.value;
  return isTrue === (name.value === 'include');
}
