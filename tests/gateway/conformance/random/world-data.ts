import {
  getArgumentValues,
  isObjectType,
  Kind,
  type FieldNode,
  type GraphQLSchema,
  type SelectionSetNode,
} from 'graphql';
import { fieldType, type FieldType } from './field-type.js';
import { fraction, indexBelow } from './hash.js';
import { parseSelection } from './selection-text.js';
import type { FieldModel } from './world.js';
import type { WorldIndex } from './world-index.js';

/** How values are made up. Rates are from 0 to 1. */
export interface DataModel {
  readonly seed: number;
  readonly entities: number;
  readonly maxItems: number;
  readonly nullRate: number;
  readonly errorRate: number;
  readonly missingRate: number;
}

/** An object of the data: entities are the same wherever they stand, values belong to where they stand. */
export interface Handle {
  readonly type: string;
  readonly id: string;
  readonly index: number;
  /** What a gateway sent along with the entity. */
  readonly representation?: Readonly<Record<string, unknown>>;
  /** The type of the representation: an interface where the subgraph has it as an object. */
  readonly knownAs?: string;
  /** What the field that gave the object provides below it. */
  readonly provided?: readonly SelectionSetNode[];
  /** The object whose field gave it, where that is known. */
  readonly above?: Handle;
}

/** Values out of nothing but the seed: whoever asks for the same field of the same object gets the same. */
export interface WorldData {
  /**
   * @param required canonical text of what the field requires, as its subgraph received it; undefined to find it out
   * @throws Error where the field fails
   */
  valueOf(handle: Handle, field: FieldModel, values: Arguments, required?: string): unknown;
  /** Finds an entity by the fields of one of its keys. */
  find(typeName: string, key: string, representation: Readonly<Record<string, unknown>>): Handle | undefined;
  isMissing(handle: Handle, subgraph: string): boolean;
}

export type Arguments = Readonly<Record<string, unknown>>;

export function isHandle(value: unknown): value is Handle {
  return typeof value === 'object' && value !== null && 'type' in value && 'index' in value;
}

/** @param schema with everything in it, also what is hidden from consumers */
export function createWorldData(index: WorldIndex, schema: GraphQLSchema, data: DataModel): WorldData {
  const entities = new Map<string, ReadonlyMap<string, Handle>>();

  function isMissing({ type, id }: Handle, subgraph: string): boolean {
    return (
      index.forgetful(type).includes(subgraph) && fraction(`${data.seed}|missing|${subgraph}|${id}`) < data.missingRate
    );
  }

  function entity(type: string, position: number): Handle {
    return { type, id: `${type}-${position}`, index: position };
  }

  function keyValue(handle: Handle, field: FieldModel): unknown {
    switch (field.name) {
      case 'id':
        return handle.id;
      case 'sku':
        return 100 + handle.index;
      case 'org':
        return `org-${handle.index % 2}`;
      case 'seq':
        return handle.index;
      case 'code':
        return `code-${handle.id}`;
      case 'ref':
        return { type: 'Ref', id: handle.id, index: handle.index };
      default:
        return entity(fieldType(field.type).named, handle.index % data.entities);
    }
  }

  function valueOf(handle: Handle, field: FieldModel, values: Arguments, received?: string): unknown {
    if (field.isKey) return keyValue(handle, field);
    const [owner] = field.owners ?? [];
    if (owner !== undefined && index.isEntity(handle.type) && isMissing(handle, owner)) return null;
    const required =
      received ?? (field.requires === undefined ? '' : JSON.stringify(read(handle, parseSelection(field.requires))));
    const seed = `${data.seed}|${handle.id}|${field.name}|${JSON.stringify(values)}|${required}`;
    return make(fieldType(field.type), field, seed);
  }

  function make(type: FieldType, field: FieldModel, seed: string): unknown {
    const chance = fraction(seed);
    if (!index.isRequired(field)) {
      if (chance > 1 - data.errorRate / 2) return new Error(`fault ${seed}`);
      if (chance > 1 - data.errorRate) return null;
    }
    if (!type.isNonNull && chance < data.nullRate) return null;
    const { item, named } = type;
    if (item !== undefined) {
      const length = indexBelow(data.maxItems + 1, `${seed}#`);
      return Array.from({ length }, (_, position) => make(item, field, `${seed}.${position}`));
    }
    return makeNamed(named, field, `${seed}=`);
  }

  function makeNamed(name: string, field: FieldModel, seed: string): unknown {
    const names = index.enumValues(field);
    if (names !== undefined) return names[indexBelow(names.length, seed)];
    switch (name) {
      case 'Int':
        return indexBelow(1_000, seed);
      case 'Float':
        return indexBelow(1_000, seed) / 8;
      case 'Boolean':
        return indexBelow(2, seed) === 1;
      case 'ID':
      case 'String':
        return `${field.name} ${indexBelow(100_000, seed)}`;
    }
    const types = index.possibleTypes(field);
    const type = types[indexBelow(types.length, `${seed}?`)];
    if (type === undefined) return null;
    if (index.isEntity(type)) return entity(type, indexBelow(data.entities, seed));
    return { type, id: `${type}-${fraction(seed)}`, index: 0 };
  }

  /** Reads a selection as its owner would answer it, in the order of the selection. */
  function read(handle: Handle, { selections }: SelectionSetNode): Record<string, unknown> {
    const values: Record<string, unknown> = {};
    for (const selection of selections) {
      if (selection.kind === Kind.INLINE_FRAGMENT) {
        const applies = selection.typeCondition?.name.value === handle.type;
        if (applies) Object.assign(values, read(handle, selection.selectionSet));
      } else if (selection.kind === Kind.FIELD) {
        const field = index.field(handle.type, selection.name.value);
        const value = valueOf(handle, field, argumentsOf(handle.type, selection));
        values[selection.name.value] = readValue(value, selection.selectionSet);
      }
    }
    return values;
  }

  function readValue(value: unknown, selectionSet: SelectionSetNode | undefined): unknown {
    if (value instanceof Error) throw value;
    if (Array.isArray(value)) return value.map((item) => readValue(item, selectionSet));
    return isHandle(value) && selectionSet !== undefined ? read(value, selectionSet) : value;
  }

  function argumentsOf(typeName: string, node: FieldNode): Arguments {
    const type = schema.getType(typeName);
    const definition = isObjectType(type) ? type.getFields()[node.name.value] : undefined;
    return definition === undefined ? {} : getArgumentValues(definition, node);
  }

  function entitiesBy(typeName: string, key: string): ReadonlyMap<string, Handle> {
    const selection = parseSelection(key);
    const all = Array.from({ length: data.entities }, (_, position) => entity(typeName, position));
    return new Map(all.map((handle) => [JSON.stringify(read(handle, selection)), handle]));
  }

  return {
    valueOf,
    isMissing,
    find(typeName, key, representation) {
      const name = `${typeName} ${key}`;
      const found = entities.get(name) ?? entitiesBy(typeName, key);
      entities.set(name, found);
      const text = canonicalText(representation, parseSelection(key));
      return text === undefined ? undefined : found.get(text);
    },
  };
}

/** A representation's text in the order of a selection. @returns undefined where something of the selection lacks */
export function canonicalText(value: unknown, selectionSet: SelectionSetNode): string | undefined {
  try {
    return JSON.stringify(canonical(value, selectionSet));
  } catch (error) {
    if (error instanceof MissingField) return undefined;
    throw error;
  }
}

class MissingField extends Error {
  override readonly name = 'MissingField';
}

function canonical(value: unknown, selectionSet: SelectionSetNode | undefined): unknown {
  if (Array.isArray(value)) return value.map((item) => canonical(item, selectionSet));
  if (selectionSet === undefined || value === null) return value;
  if (typeof value !== 'object') throw new MissingField('not an object');
  const object = value as Readonly<Record<string, unknown>>;
  const values: Record<string, unknown> = {};
  for (const selection of selectionSet.selections) {
    if (selection.kind === Kind.INLINE_FRAGMENT) {
      const applies = selection.typeCondition?.name.value === object['__typename'];
      if (applies) Object.assign(values, canonical(object, selection.selectionSet));
    } else if (selection.kind === Kind.FIELD) {
      const given = object[selection.name.value];
      if (given === undefined) throw new MissingField(selection.name.value);
      values[selection.name.value] = canonical(given, selection.selectionSet);
    }
  }
  return values;
}
