import { Kind, type DirectiveNode, type FieldNode, type SelectionNode, type SelectionSetNode } from 'graphql';
import type { FlattenPath } from '../query-plan.js';
import type { EntityFacts } from './entity-facts.js';
import { selectionSetOf } from './fetch-text.js';
import { firstPart, type Need, type Part } from './needs.js';

/** Fields of entities that a fetch need not bring: another one of the same subgraph can, later. */
export interface Cut {
  /** From where the thinning began. */
  readonly path: FlattenPath;
  readonly typeName: string;
  readonly selections: SelectionNode[];
  readonly parts: ReadonlySet<Part>;
}

/** What is left of selections, and what was cut out of them. */
export interface Thinned {
  readonly selections: readonly SelectionNode[];
  readonly cuts: readonly Cut[];
}

export interface ThinOptions {
  readonly subgraph: string;
  readonly facts: EntityFacts;
}

const typenameField: FieldNode = { kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } };

/**
 * Takes out of a fetch the fields of entities that the first part of the answer does not need. Where fields are taken out,
 * the entity's key is asked for instead. What is no entity in this subgraph stays as it is.
 *
 * @param needs all the places where these selections' objects may stand
 * @param isWhole whether these objects can be asked for again without a key: a query's root, an entity fetch's own entities
 */
export function thinSelections(
  { selections }: SelectionSetNode,
  typeName: string,
  needs: readonly Need[],
  path: FlattenPath,
  options: ThinOptions,
  isWhole = false,
): Thinned {
  const { facts, subgraph } = options;
  const key = facts.isAbstract(typeName) ? undefined : facts.keyOf(typeName, subgraph);
  const kept: SelectionNode[] = [];
  const cuts: Cut[] = [];
  const byParts = new Map<string, Cut>();

  function cut(field: FieldNode, parts: ReadonlySet<Part>, conditions: readonly DirectiveNode[]): void {
    const signature = [...parts].sort((one, other) => one - other).join();
    const found = byParts.get(signature) ?? { path, typeName, selections: [], parts };
    if (!byParts.has(signature)) {
      byParts.set(signature, found);
      cuts.push(found);
    }
    found.selections.push(
      conditions.length === 0
        ? field
        : { kind: Kind.INLINE_FRAGMENT, directives: conditions, selectionSet: selectionSetOf([field]) },
    );
  }

  function mayCut({ name }: FieldNode, parts: ReadonlySet<Part>): boolean {
    if (parts.size === 0 || parts.has(firstPart) || name.value === '__typename') return false;
    if (isWhole) return true;
    return key !== undefined && !isOfKey(name.value, key) && facts.resolves(typeName, name.value, subgraph);
  }

  // Conditions above an object do not matter: where it is not there, nobody asks for its fields.
  function take(selection: SelectionNode, conditions: readonly DirectiveNode[], into: SelectionNode[]): void {
    if (selection.kind === Kind.FIELD) return takeField(selection, conditions, into);
    if (selection.kind === Kind.FRAGMENT_SPREAD) return void into.push(selection);
    const condition = selection.typeCondition?.name.value ?? typeName;
    if (condition === typeName) {
      const inner: SelectionNode[] = [];
      const all = [...conditions, ...(selection.directives ?? [])];
      for (const child of selection.selectionSet.selections) take(child, all, inner);
      if (inner.length > 0) into.push({ ...selection, selectionSet: selectionSetOf(inner) });
      return;
    }
    const narrowed: FlattenPath = isWhole ? path : [...path, { TypeCondition: [condition] }];
    const inner = thinSelections(selection.selectionSet, condition, needs, narrowed, options, isWhole);
    cuts.push(...inner.cuts);
    if (inner.selections.length > 0) into.push({ ...selection, selectionSet: selectionSetOf(inner.selections) });
  }

  function takeField(field: FieldNode, conditions: readonly DirectiveNode[], into: SelectionNode[]): void {
    const resultKey = field.alias?.value ?? field.name.value;
    const below = needs.flatMap((need) => need.below.get(resultKey) ?? []);
    const parts = new Set(below.flatMap((need) => [...need.parts]));
    if (mayCut(field, parts)) return cut(field, parts, [...conditions, ...(field.directives ?? [])]);
    const type = facts.typeOf(typeName, field.name.value);
    if (field.selectionSet === undefined || type === undefined) return void into.push(field);
    const toField: FlattenPath = [...path, { Field: resultKey }, ...(type.isList ? (['@'] as const) : [])];
    const inner = thinSelections(field.selectionSet, type.name, below, toField, options);
    cuts.push(...inner.cuts);
    into.push({ ...field, selectionSet: selectionSetOf(inner.selections) });
  }

  for (const selection of selections) take(selection, [], kept);
  const isCutHere = byParts.size > 0 && !isWhole;
  return { selections: isCutHere ? [typenameField, ...(key ?? []), ...kept] : kept, cuts };
}

function isOfKey(name: string, key: readonly SelectionNode[]): boolean {
  return key.some((selection) => selection.kind === Kind.FIELD && selection.name.value === name);
}
