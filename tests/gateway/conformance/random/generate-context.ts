import type { Chance } from './chance.js';
import { addKey, aField, aLeaf, someArguments, wrap, type Draft } from './draft.js';
import { namedType, scalarNames, type FieldModel } from './world.js';

interface Palette {
  readonly subgraphs: readonly string[];
  readonly inputs: readonly string[];
  readonly entities: readonly Draft[];
}

interface Source {
  readonly entity: Draft;
  readonly field: FieldModel;
}

/**
 * Makes up an entity with a field that is told something by the entities that lead to it. Nothing else leads there: every
 * way to such a field must set its context.
 */
export function generateContext(chance: Chance, { subgraphs, inputs, entities }: Palette): Draft[] {
  if (!chance.flip(0.2)) return [];
  const subgraph = chance.pick(subgraphs);
  const candidates = entities.flatMap((entity) =>
    entity.homes[subgraph] === undefined ? [] : entity.fields.filter(canBeTold).map((field) => ({ entity, field })),
  );
  if (candidates.length === 0) return [];
  const sources = chooseSources(chance, candidates);
  const [{ field }] = sources;
  const told: Draft = { name: 'X0', homes: {}, fields: [], isInaccessible: false };
  addKey(told, subgraph, 'id', true, '');
  const others = subgraphs.filter((other) => other !== subgraph && chance.flip(0.3));
  for (const other of others) addKey(told, other, 'id', true, '');
  told.fields.push(
    aField('x00', wrap(chance, aLeaf(chance, [])), {
      arguments: someArguments(chance, inputs),
      owners: [subgraph],
      fromContext: {
        name: 'above',
        argument: { name: 'told', type: optional(field.type), defaultValue: undefined },
        sources: Object.fromEntries(sources.map((source) => [source.entity.name, source.field.name])),
      },
    }),
    aField('x01', wrap(chance, aLeaf(chance, [])), { owners: [chance.pick([subgraph, ...others])] }),
  );
  if (chance.flip(0.4)) {
    const next = chance.pick(sources).entity.name;
    told.fields.push(aField('x02', wrap(chance, next), { owners: [subgraph] }));
  }
  for (const { entity } of sources) {
    const owner = chance.flip(0.6) ? subgraph : chance.pick(Object.keys(entity.homes));
    entity.fields.push(aField(`${entity.name.toLowerCase()}x`, wrap(chance, told.name), { owners: [owner] }));
  }
  return [told];
}

function canBeTold({ type, arguments: given, overrides }: FieldModel): boolean {
  return scalarNames.has(namedType(type)) && given.length === 0 && overrides === undefined;
}

/** One, and others of other entities whose fields are of the same type. */
function chooseSources(chance: Chance, candidates: readonly Source[]): [Source, ...Source[]] {
  const first = chance.pick(candidates);
  const sources: [Source, ...Source[]] = [first];
  for (const candidate of candidates) {
    const isNew = sources.every(({ entity }) => entity !== candidate.entity);
    const isAlike = optional(candidate.field.type) === optional(first.field.type);
    if (isNew && isAlike && chance.flip(0.7)) sources.push(candidate);
  }
  return sources;
}

function optional(type: string): string {
  return type.replace(/!$/, '');
}
