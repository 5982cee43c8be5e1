import type { RequiresFragment, RequiresSelection } from '../planning/query-plan.js';
import { satisfies, type SupergraphFacts } from '../planning/supergraph-facts.js';
import { FailedField } from './failed-field.js';
import { isTreeObject, type ResultTree } from './result-tree.js';

/**
 * Makes the representation of an entity.
 *
 * @returns undefined where the object is none of the types, or lacks a field that it needs; the failure where that
 *   field could not be had
 */
export type Represent = (entity: ResultTree, variables: Variables) => ResultTree | FailedField | undefined;

type Variables = Readonly<Record<string, unknown>>;

/** Copies the required fields of `source` into `target`. @returns what stopped it, or `true` */
type Fill = (source: ResultTree, target: ResultTree, variables: Variables) => true | FailedField | undefined;

/** Compiles what an entity fetch requires. */
export function compileRepresent(requires: readonly RequiresSelection[], facts: SupergraphFacts): Represent {
  const fill = compileFill(requires, facts);
  return (entity, variables) => {
    const representation: ResultTree = {};
    const filled = fill(entity, representation, variables);
    if (filled !== true) return filled;
    return representation['__typename'] === undefined ? undefined : representation;
  };
}

function compileFill(selections: readonly RequiresSelection[], facts: SupergraphFacts): Fill {
  const fills = selections.flatMap((selection): Fill[] => {
    if (selection.kind === 'InlineFragment') return [compileFragment(selection, facts)];
    if (selection.kind === 'FragmentSpread') return [];
    const below = selection.selections;
    return [
      compileField(
        selection.name,
        selection.alias ?? selection.name,
        below == null ? undefined : compileNested(below, facts),
      ),
    ];
  });
  return (source, target, variables) => {
    for (const fill of fills) {
      const filled = fill(source, target, variables);
      if (filled !== true) return filled;
    }
    return true;
  };
}

/** Where types are told apart, the subgraph has to be told of which type the object is. */
function compileNested(selections: readonly RequiresSelection[], facts: SupergraphFacts): Fill {
  const fill = compileFill(selections, facts);
  if (!selections.some(({ kind }) => kind === 'InlineFragment')) return fill;
  return (source, target, variables) => {
    const typename = source['__typename'];
    if (typeof typename === 'string') target['__typename'] = typename;
    return fill(source, target, variables);
  };
}

function compileFragment(
  { typeCondition, selections, skipIf, includeIf }: RequiresFragment,
  facts: SupergraphFacts,
): Fill {
  const fill = compileFill(selections, facts);
  return (source, target, variables) => {
    if (skipIf != null && variables[skipIf] === true) return true;
    if (includeIf != null && variables[includeIf] !== true) return true;
    const typename = source['__typename'];
    if (typeof typename === 'string' && !satisfies(facts, typename, typeCondition)) return true;
    return fill(source, target, variables);
  };
}

function compileField(sourceKey: string, targetKey: string, below: Fill | undefined): Fill {
  return (source, target, variables) => {
    const value = Object.hasOwn(source, sourceKey) ? source[sourceKey] : undefined;
    const represented = below === undefined ? value : representValue(value, below, variables);
    if (represented === undefined || represented instanceof FailedField) return represented;
    target[targetKey] = represented;
    return true;
  };
}

function representValue(value: unknown, fill: Fill, variables: Variables): unknown {
  if (Array.isArray(value)) {
    const items = value.map((item) => representValue(item, fill, variables));
    return items.find((item) => item instanceof FailedField) ?? (items.includes(undefined) ? undefined : items);
  }
  if (!isTreeObject(value) || value instanceof FailedField) return value;
  const object: ResultTree = {};
  const filled = fill(value, object, variables);
  return filled === true ? object : filled;
}
