import type { Chance } from './chance.js';
import { addKey, aField, aLeaf, isEntityDraft, wrap, type Draft } from './draft.js';
import type { EnumModel, FieldModel, InputModel, InterfaceModel, UnionModel } from './world.js';

export function generateEnums(chance: Chance, subgraphs: readonly string[]): EnumModel[] {
  return ['E0', 'E1'].slice(0, chance.below(3)).map((name) => ({
    name,
    values: ['A', 'B', 'C', 'D'].slice(0, 2 + chance.below(3)).map((letter, position) => ({
      name: `${name}_${letter}`,
      subgraphs: position === 0 || chance.flip(0.7) ? undefined : chance.atLeastOne(subgraphs, 0.5),
      isInaccessible: position > 0 && chance.flip(0.1),
    })),
  }));
}

export function generateInputs(chance: Chance, subgraphs: readonly string[]): InputModel[] {
  if (chance.flip(0.5)) return [];
  return [
    {
      name: 'In0',
      fields: [
        { name: 'a', type: 'Int', defaultValue: '1', subgraphs: undefined },
        { name: 'b', type: '[String!]', defaultValue: undefined, subgraphs: undefined },
        { name: 'c', type: 'In0', defaultValue: undefined, subgraphs: undefined },
        { name: 'd', type: 'Int', defaultValue: undefined, subgraphs: chance.atLeastOne(subgraphs, 0.7) },
      ],
    },
  ];
}

const keyPatterns = ['id', 'id', 'id', 'sku', 'org seq', 'ref { code }', 'owner { id } seq'];

/** Entities with their keys, without other fields. */
export function generateEntities(chance: Chance, subgraphs: readonly string[]): Draft[] {
  const drafts: Draft[] = [];
  const count = 1 + chance.below(4);
  for (let position = 0; position < count; position += 1) {
    const draft: Draft = { name: `T${position}`, homes: {}, fields: [], isInaccessible: false };
    // A key through another entity is known by the `id` of one that came before.
    const owner = drafts.find(({ fields }) => fields.some(({ name }) => name === 'id'))?.name;
    const patterns = owner === undefined ? keyPatterns.slice(0, -1) : keyPatterns;
    const keys = [...new Set([chance.pick(patterns), chance.pick(patterns), chance.pick(patterns)])].slice(
      0,
      1 + chance.below(3),
    );
    const isCommon = chance.flip(0.65);
    for (const subgraph of chance.atLeastOne(subgraphs, 0.65)) {
      const chosen = chance.atLeastOne(keys, 0.5);
      for (const key of isCommon ? new Set([...keys.slice(0, 1), ...chosen]) : chosen) {
        addKey(draft, subgraph, key, !chance.flip(0.04), owner ?? '');
      }
    }
    drafts.push(draft);
  }
  return drafts;
}

/** Value types; the first ones may contain the later ones, all of them entities. */
export function generateValues(chance: Chance, entities: readonly Draft[], enums: readonly string[]): Draft[] {
  const count = chance.below(3);
  return Array.from({ length: count }, (_, position) => {
    const fields: FieldModel[] = [];
    const size = 1 + chance.below(3);
    for (let number = 0; number < size; number += 1) {
      const nested = position + 1 < count && chance.flip(0.3) ? `V${position + 1}` : undefined;
      const entity = chance.flip(0.2) ? chance.pick(entities).name : undefined;
      fields.push(aField(`v${position}${number}`, wrap(chance, nested ?? entity ?? aLeaf(chance, enums))));
    }
    return { name: `V${position}`, homes: {}, fields, isInaccessible: false };
  });
}

export function generateInterfaces(
  chance: Chance,
  subgraphs: readonly string[],
  entities: readonly Draft[],
  values: readonly Draft[],
): InterfaceModel[] {
  return ['I0', 'I1'].slice(0, chance.below(3)).flatMap((name, position) => {
    const isKeyed = chance.flip(0.5);
    const members = chance.atLeastOne(isKeyed ? entities : [...entities, ...values], 0.6);
    const common = aField(`c${position}`, wrap(chance, aLeaf(chance, [])));
    for (const member of members) {
      const homes = Object.keys(member.homes);
      const owners = homes.length === 0 ? undefined : chance.flip(0.6) ? homes : [chance.pick(homes)];
      member.fields.push({ ...common, owners });
    }
    return isKeyed
      ? keyedInterface(chance, name, subgraphs, members, common)
      : [plainInterface(chance, name, subgraphs, members, common)];
  });
}

function plainInterface(
  chance: Chance,
  name: string,
  subgraphs: readonly string[],
  drafts: readonly Draft[],
  common: FieldModel,
): InterfaceModel {
  const members: Record<string, string[]> = {};
  for (const subgraph of subgraphs) {
    const known = drafts.filter((draft) => !isEntityDraft(draft) || draft.homes[subgraph] !== undefined);
    const chosen = chance.some(known, 0.7);
    const hasCommon = chosen.every(
      ({ fields }) => fields.find((field) => field.name === common.name)?.owners?.includes(subgraph) ?? true,
    );
    const hasId = chosen.every(({ homes }) => homes[subgraph]?.some((key) => /\bid\b/.test(key.fields)) === true);
    if (chosen.length > 0 && (hasCommon || hasId)) members[subgraph] = chosen.map((draft) => draft.name);
  }
  return { name, fields: ['id', common.name], members, home: undefined, extension: undefined };
}

/** An interface with the key `id` in one subgraph, and an object in another that knows none of its implementations. */
function keyedInterface(
  chance: Chance,
  name: string,
  subgraphs: readonly string[],
  drafts: readonly Draft[],
  common: FieldModel,
): InterfaceModel[] {
  const free = subgraphs.filter((subgraph) => drafts.every(({ homes }) => homes[subgraph] === undefined));
  const [extension] = free;
  const homes = subgraphs.filter((subgraph) => subgraph !== extension);
  const home = chance.pick(homes);
  for (const draft of drafts) addKey(draft, home, 'id', true, '');
  const fields = Array.from({ length: 1 + chance.below(2) }, (_, position) =>
    aField(`${name.toLowerCase()}x${position}`, wrap(chance, aLeaf(chance, [])), {
      owners: extension === undefined ? [] : [extension],
      requires: position === 0 && chance.flip(0.3) ? common.name : undefined,
    }),
  );
  return [
    {
      name,
      fields: ['id', common.name],
      members: { [home]: drafts.map((draft) => draft.name) },
      home,
      extension: extension === undefined ? undefined : { subgraph: extension, fields },
    },
  ];
}

export function generateUnions(chance: Chance, subgraphs: readonly string[], drafts: readonly Draft[]): UnionModel[] {
  return ['U0', 'U1'].slice(0, chance.below(3)).map((name) => {
    const candidates = chance.atLeastOne(drafts, 0.5);
    const members: Record<string, string[]> = {};
    for (const subgraph of subgraphs) {
      const known = candidates.filter((draft) => !isEntityDraft(draft) || draft.homes[subgraph] !== undefined);
      const chosen = chance.some(known, 0.8);
      if (chosen.length > 0) members[subgraph] = chosen.map((draft) => draft.name);
    }
    return { name, members };
  });
}
