import type { Chance } from './chance.js';
import { aField, aLeaf, isEntityDraft, refModel, someArguments, wrap, type Draft } from './draft.js';
import { generateContext } from './generate-context.js';
import { generateSelection, isForeign, isLeaf } from './generate-selections.js';
import {
  generateEntities,
  generateEnums,
  generateInputs,
  generateInterfaces,
  generateUnions,
  generateValues,
} from './generate-types.js';
import { allMembers, namedType, type FieldModel, type InterfaceModel, type UnionModel, type World } from './world.js';

interface Palette {
  readonly subgraphs: readonly string[];
  readonly enums: readonly string[];
  readonly inputs: readonly string[];
  readonly entities: readonly Draft[];
  readonly values: readonly Draft[];
  readonly interfaces: readonly InterfaceModel[];
  readonly unions: readonly UnionModel[];
}

/** Makes up a supergraph. Not all of them compose: whether every field can be reached is left to composition. */
export function generateWorld(chance: Chance): World {
  const subgraphs = ['alpha', 'beta', 'gamma', 'delta'].slice(0, 2 + chance.below(3));
  const enums = generateEnums(chance, subgraphs);
  const inputs = generateInputs(chance, subgraphs);
  const enumNames = enums.map(({ name }) => name);
  const entities = generateEntities(chance, subgraphs);
  const values = generateValues(chance, entities, enumNames);
  const interfaces = generateInterfaces(chance, subgraphs, entities, values);
  const unions = generateUnions(chance, subgraphs, [...entities, ...values]);
  const inputNames = inputs.map(({ name }) => name);
  const palette = { subgraphs, enums: enumNames, inputs: inputNames, entities, values, interfaces, unions };
  for (const entity of entities) addFields(chance, entity, palette);
  for (const entity of entities) addRequirements(chance, entity, palette);
  const queries = generateRoots(chance, palette, 'q', 3 + chance.below(4));
  const mutations = chance.flip(0.3) ? generateRoots(chance, palette, 'm', 1 + chance.below(2)) : [];
  hideTypes(chance, palette, [...queries, ...mutations]);
  const told = generateContext(chance, palette);
  const all = [...entities, ...values, ...told].map((draft) => ({ ...draft, fields: draft.fields.map(freeze) }));
  const models = [...all, refModel];
  return { subgraphs, enums, inputs, objects: models, interfaces, unions, queries, mutations };

  function freeze(field: FieldModel): FieldModel {
    return addProvides(chance, field, palette);
  }
}

function addFields(chance: Chance, entity: Draft, palette: Palette): void {
  const homes = Object.keys(entity.homes);
  const count = 1 + chance.below(5);
  for (let position = 0; position < count; position += 1) {
    const owners = chance.flip(0.25) ? chance.atLeastOne(homes, 0.6) : [chance.pick(homes)];
    const others = homes.filter((home) => !owners.includes(home));
    const isOverride = owners.length === 1 && others.length > 0 && chance.flip(0.12);
    const label = chance.flip(0.3) ? chance.pick(['percent(50)', 'percent(0)', 'rollout']) : undefined;
    const named = chooseType(chance, palette, isOverride ? [...owners, ...others] : owners);
    entity.fields.push(
      aField(`${entity.name.toLowerCase()}${position}`, wrap(chance, named), {
        arguments: someArguments(chance, palette.inputs),
        owners,
        overrides: isOverride ? { from: chance.pick(others), label } : undefined,
        isInaccessible: chance.flip(0.05),
      }),
    );
  }
}

/** The name of a type that all owners can give. */
function chooseType(chance: Chance, palette: Palette, owners: readonly string[]): string {
  if (chance.flip(0.45)) return aLeaf(chance, palette.enums);
  const abstract = [...palette.interfaces, ...palette.unions].filter(
    (model) =>
      allMembers(model).some((member) => owners.every((owner) => model.members[owner]?.includes(member))) &&
      owners.every((owner) => model.members[owner] !== undefined),
  );
  const extended = palette.interfaces.filter(({ extension }) => owners.every((owner) => extension?.subgraph === owner));
  // A subgraph that knows an interface as an object must not know its implementations.
  const hidden = palette.interfaces.flatMap(({ extension, members }) =>
    extension !== undefined && owners.includes(extension.subgraph) ? Object.values(members).flat() : [],
  );
  const composites = [
    ...palette.entities,
    ...palette.entities,
    ...palette.values,
    ...abstract,
    ...abstract,
    ...extended,
  ]
    .map(({ name }) => name)
    .filter((name) => !hidden.includes(name));
  return composites.length === 0 ? aLeaf(chance, palette.enums) : chance.pick(composites);
}

/** Gives fields that require others of the same entity, from other subgraphs. */
function addRequirements(chance: Chance, entity: Draft, palette: Palette): void {
  for (const subgraph of Object.keys(entity.homes)) {
    if (!chance.flip(0.35)) continue;
    const texts = chance
      .some(entity.fields, 0.5)
      .flatMap((field) => (isForeign(field, subgraph) ? (requireField(chance, field, palette, subgraph) ?? []) : []));
    if (texts.length === 0) continue;
    entity.fields.push(
      aField(`${entity.name.toLowerCase()}r${subgraph.slice(0, 1)}`, wrap(chance, aLeaf(chance, palette.enums)), {
        arguments: someArguments(chance, palette.inputs),
        owners: [subgraph],
        requires: texts.join(' '),
      }),
    );
  }
}

/** The text by which a field is required; undefined where nothing can be asked below it. */
function requireField(chance: Chance, field: FieldModel, palette: Palette, subgraph: string): string | undefined {
  if (field.arguments.some(({ type, name }) => name === 'x' && !/^(Int|Boolean)/.test(type))) return undefined;
  const [x] = field.arguments;
  const given = x === undefined ? '' : `(x: ${x.type.startsWith('Boolean') ? chance.flip(0.5) : 1 + chance.below(2)})`;
  const named = namedType(field.type);
  if (isLeaf(named, palette)) return `${field.name}${given}`;
  const below = generateSelection(chance, palette, subgraph, named, () => true);
  return below === undefined ? undefined : `${field.name}${given} { ${below} }`;
}

/** Lets owners of a reference answer some leaves of what it refers to. */
function addProvides(chance: Chance, field: FieldModel, palette: Palette): FieldModel {
  const named = namedType(field.type);
  if (isLeaf(named, palette) || field.isKey || field.owners === undefined || !chance.flip(0.3)) return field;
  const provides: Record<string, string> = {};
  for (const owner of field.owners) {
    // Only what belongs to an entity can be provided: what a value type has is there anyway.
    const text = generateSelection(
      chance,
      palette,
      owner,
      named,
      ({ requires, type }, isOfEntity) => requires === undefined && (isOfEntity || !isLeaf(namedType(type), palette)),
    );
    if (text !== undefined) provides[owner] = text;
  }
  return { ...field, provides };
}

function generateRoots(chance: Chance, palette: Palette, prefix: string, count: number): FieldModel[] {
  return Array.from({ length: count }, (_, position) => {
    const isShared = prefix === 'q' && chance.flip(0.2);
    const owners = isShared ? chance.atLeastOne(palette.subgraphs, 0.5) : [chance.pick(palette.subgraphs)];
    const root = aField(`${prefix}${position}`, wrap(chance, chooseType(chance, palette, owners)), {
      arguments: someArguments(chance, palette.inputs),
      owners,
    });
    return addProvides(chance, root, palette);
  });
}

/** Hides some entities that are only ever met as one of several types. */
function hideTypes(chance: Chance, palette: Palette, roots: readonly FieldModel[]): void {
  const drafts = [...palette.entities, ...palette.values];
  const named = new Set([...roots, ...drafts.flatMap(({ fields }) => fields)].map(({ type }) => namedType(type)));
  for (const entity of palette.entities) {
    const containers = [...palette.interfaces, ...palette.unions].filter((model) =>
      allMembers(model).includes(entity.name),
    );
    const isNeeded = containers.length === 0 || containers.some((model) => allMembers(model).length < 2);
    if (!isNeeded && !named.has(entity.name) && isEntityDraft(entity)) entity.isInaccessible = chance.flip(0.3);
  }
}
