import type { Chance } from './chance.js';
import { isEntityDraft, type Draft } from './draft.js';
import { namedType, scalarNames, type FieldModel, type InterfaceModel, type UnionModel } from './world.js';

/** The types that selections of `@requires` and `@provides` go through. */
export interface SelectableTypes {
  readonly enums: readonly string[];
  readonly entities: readonly Draft[];
  readonly values: readonly Draft[];
  readonly interfaces: readonly InterfaceModel[];
  readonly unions: readonly UnionModel[];
}

const maxDepth = 2;

/** Whether another subgraph than this one resolves the field. */
export function isForeign({ owners, overrides }: FieldModel, subgraph: string): boolean {
  return owners !== undefined && !owners.includes(subgraph) && overrides?.from !== subgraph;
}

export function isLeaf(name: string, { enums }: Pick<SelectableTypes, 'enums'>): boolean {
  return enums.includes(name) || scalarNames.has(name);
}

/**
 * Makes up what is selected below a field, for one subgraph: fields of other subgraphs, where they belong to entities;
 * through fragments, where the field can be one of several types.
 *
 * @param isAllowed which fields may be named
 * @returns undefined where there is nothing to select
 */
export function generateSelection(
  chance: Chance,
  types: SelectableTypes,
  subgraph: string,
  typeName: string,
  isAllowed: (field: FieldModel, isOfEntity: boolean) => boolean,
  depth = 0,
): string | undefined {
  const draft = [...types.entities, ...types.values].find(({ name }) => name === typeName);
  if (draft !== undefined) return selectFields(draft);
  const model = [...types.interfaces, ...types.unions].find(({ name }) => name === typeName);
  const fragments = chance.atLeastOne(model?.members[subgraph] ?? [], 0.6).flatMap((member) => {
    const below = generateSelection(chance, types, subgraph, member, isAllowed, depth);
    return below === undefined ? [] : [`... on ${member} { ${below} }`];
  });
  return fragments.length === 0 ? undefined : fragments.join(' ');

  function selectFields(selected: Draft): string | undefined {
    const usable = selected.fields.filter(
      (field) =>
        !field.isKey &&
        field.arguments.length === 0 &&
        isAllowed(field, isEntityDraft(selected)) &&
        (isEntityDraft(selected) ? isForeign(field, subgraph) : true),
    );
    const texts = chance.atLeastOne(usable, 0.5).flatMap((field) => {
      const named = namedType(field.type);
      if (isLeaf(named, types)) return [field.name];
      if (depth >= maxDepth) return [];
      const below = generateSelection(chance, types, subgraph, named, isAllowed, depth + 1);
      return below === undefined ? [] : [`${field.name} { ${below} }`];
    });
    return texts.length === 0 ? undefined : texts.join(' ');
  }
}
