import type { Chance } from './chance.js';
import type { ArgumentModel, FieldModel, KeyModel, ObjectModel } from './world.js';

/** An object type while its supergraph is being made up. */
export interface Draft {
  readonly name: string;
  readonly homes: Record<string, KeyModel[]>;
  readonly fields: FieldModel[];
  isInaccessible: boolean;
}

const plainScalars = ['Int', 'String', 'Boolean', 'Float', 'ID'];
const wrappers = ['%', '%', '%', '%!', '[%]', '[%!]!', '[%!]', '[[%]!]', '[[%!]!]!'];

export function isEntityDraft({ homes }: Draft): boolean {
  return Object.keys(homes).length > 0;
}

export function aField(name: string, type: string, more: Partial<FieldModel> = {}): FieldModel {
  return {
    name,
    type,
    arguments: [],
    owners: undefined,
    isKey: false,
    overrides: undefined,
    requires: undefined,
    provides: {},
    isInaccessible: false,
    fromContext: undefined,
    ...more,
  };
}

/** Puts a named type into lists and non-null marks. */
export function wrap(chance: Chance, named: string): string {
  return chance.pick(wrappers).replace('%', named);
}

export function aLeaf(chance: Chance, enums: readonly string[]): string {
  return chance.pick([...plainScalars, ...enums]);
}

export function someArguments(chance: Chance, inputs: readonly string[]): ArgumentModel[] {
  if (!chance.flip(0.25)) return [];
  const argument: ArgumentModel = chance.pick([
    { name: 'x', type: 'Int', defaultValue: undefined },
    { name: 'x', type: 'Int!', defaultValue: '3' },
    { name: 'x', type: 'String', defaultValue: '"d"' },
    { name: 'x', type: 'Boolean!', defaultValue: undefined },
    { name: 'x', type: '[Int!]', defaultValue: undefined },
    ...inputs.map((type) => ({ name: 'x', type, defaultValue: undefined })),
  ]);
  return chance.flip(0.3) ? [argument, { name: 'y', type: 'Float', defaultValue: undefined }] : [argument];
}

/** Declares a key and its fields. */
export function addKey(draft: Draft, subgraph: string, fields: string, isResolvable: boolean, owner: string): void {
  const keys = (draft.homes[subgraph] ??= []);
  if (!keys.some((key) => key.fields === fields)) keys.push({ fields, isResolvable });
  for (const field of keyFields(fields, owner)) {
    if (!draft.fields.some(({ name }) => name === field.name)) draft.fields.push(field);
  }
}

function keyFields(fields: string, owner: string): FieldModel[] {
  const key = (name: string, type: string) => aField(name, type, { isKey: true });
  switch (fields) {
    case 'sku':
      return [key('sku', 'Int!')];
    case 'org seq':
      return [key('org', 'String!'), key('seq', 'Int!')];
    case 'ref { code }':
      return [key('ref', 'Ref!')];
    case 'owner { id } seq':
      return [key('owner', `${owner}!`), key('seq', 'Int!')];
    default:
      return [key('id', 'ID!')];
  }
}

/** The value type that keys of the form `ref { code }` are made of. */
export const refModel: ObjectModel = {
  name: 'Ref',
  homes: {},
  fields: [aField('code', 'String!', { isKey: true })],
  isInaccessible: false,
};
