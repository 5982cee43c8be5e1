import { interfaceObject, type Declared } from './declare-subgraph.js';
import { allMembers, namedType, type FieldModel, type World } from './world.js';

/** Answers questions about a model that come up for every value. */
export interface WorldIndex {
  /** @throws Error where the type has no such field */
  field(typeName: string, fieldName: string): FieldModel;
  /** The object types that a field can give: those that all its owners know. */
  possibleTypes(field: FieldModel): readonly string[];
  /** The names of an enum that a field can give; undefined where its type is no enum. */
  enumValues(field: FieldModel): readonly string[] | undefined;
  isEntity(typeName: string): boolean;
  isObject(typeName: string): boolean;
  /** Whether another field depends on it: it then always has the value that its type promises. */
  isRequired(field: FieldModel): boolean;
  /** Subgraphs whose `_entities` may not know all entities of the type. */
  forgetful(typeName: string): readonly string[];
}

export function indexWorld(world: World, subgraphs: readonly Declared[]): WorldIndex {
  const objects = new Map(world.objects.map((object) => [object.name, object]));
  const fields = new Map<string, FieldModel>();
  for (const { name, fields: own } of world.objects)
    for (const field of own) fields.set(`${name}.${field.name}`, field);
  for (const model of world.interfaces) {
    for (const field of model.extension?.fields ?? []) {
      for (const member of allMembers(model)) fields.set(`${member}.${field.name}`, field);
    }
    for (const field of interfaceObject(world, model).fields) fields.set(`${model.name}.${field.name}`, field);
  }
  for (const field of world.queries) fields.set(`Query.${field.name}`, field);
  for (const field of world.mutations) fields.set(`Mutation.${field.name}`, field);
  const all = [...new Set(fields.values())];
  const required = names(
    all.flatMap(({ requires, fromContext }) => [requires ?? '', ...Object.values(fromContext?.sources ?? {})]),
  );
  // Where a client's field and a required one stand in one object, a non-null one that fails takes both with it.
  const requiresNested = all.some(({ requires }) => requires?.includes('{') === true);
  const provided = names(all.flatMap(({ provides }) => Object.values(provides)));
  const providers = Map.groupBy(
    all.flatMap(({ provides }) =>
      Object.entries(provides).flatMap(([subgraph, text]) => [...names([text])].map((name) => ({ subgraph, name }))),
    ),
    ({ name }) => name,
  );
  const possible = new Map<FieldModel, readonly string[]>();
  const enums = new Map<FieldModel, readonly string[] | undefined>();

  /** The subgraphs that may be asked for a field: what they give is what all of them know. */
  function ownersOf({ name, owners, overrides }: FieldModel, typeName: string): readonly string[] {
    const declaring = subgraphs.filter(({ others }) => others.has(typeName)).map(({ subgraph }) => subgraph);
    const providing = providers.get(name)?.map(({ subgraph }) => subgraph) ?? [];
    return [...(owners ?? declaring), ...providing, ...(overrides === undefined ? [] : [overrides.from])];
  }

  function findPossible(field: FieldModel): readonly string[] {
    const name = namedType(field.type);
    if (objects.has(name)) return [name];
    const found = [...world.interfaces, ...world.unions].find((model) => model.name === name);
    if (found === undefined) return [];
    const extension = world.interfaces.find((model) => model.name === name)?.extension?.subgraph;
    const owners = ownersOf(field, name).filter((owner) => owner !== extension);
    return allMembers(found).filter((member) => owners.every((owner) => found.members[owner]?.includes(member)));
  }

  function findEnumValues(field: FieldModel): readonly string[] | undefined {
    const name = namedType(field.type);
    const owners = ownersOf(field, name);
    return world.enums
      .find((model) => model.name === name)
      ?.values.filter(({ subgraphs: known }) => owners.every((owner) => known?.includes(owner) ?? true))
      .map((value) => value.name);
  }

  function findForgetful(typeName: string): string[] {
    const object = objects.get(typeName);
    if (object === undefined) return [];
    const keys = new Set(Object.values(object.homes).flatMap((home) => home.map((key) => key.fields)));
    const isKeyed = world.interfaces.some((model) => model.home !== undefined && allMembers(model).includes(typeName));
    // Through an object in its key others are reached, by way of whoever has more of them.
    const isNested = [...keys].some((key) => key.includes('{'));
    if (keys.size !== 1 || isNested || isKeyed || requiresNested) return [];
    return Object.keys(object.homes).filter((subgraph) => {
      const owned = object.fields.filter(
        ({ owners, overrides }) => owners?.includes(subgraph) === true || overrides?.from === subgraph,
      );
      return owned.every(
        ({ name, owners, overrides }) =>
          owners?.length === 1 && overrides === undefined && !required.has(name) && !provided.has(name),
      );
    });
  }

  const forgetful = new Map(world.objects.map(({ name }) => [name, findForgetful(name)]));
  return {
    field(typeName, fieldName) {
      const field = fields.get(`${typeName}.${fieldName}`);
      if (field === undefined) throw new Error(`${typeName} has no field ${fieldName}`);
      return field;
    },
    possibleTypes(field) {
      const types = possible.get(field) ?? findPossible(field);
      possible.set(field, types);
      return types;
    },
    enumValues(field) {
      if (!enums.has(field)) enums.set(field, findEnumValues(field));
      return enums.get(field);
    },
    isEntity: (typeName) => Object.keys(objects.get(typeName)?.homes ?? {}).length > 0,
    isObject: (typeName) => objects.has(typeName),
    isRequired: ({ name, isKey, type }) => isKey || required.has(name) || (requiresNested && type.includes('!')),
    forgetful: (typeName) => forgetful.get(typeName) ?? [],
  };
}

function names(selections: readonly string[]): ReadonlySet<string> {
  return new Set(selections.flatMap((text) => text.match(/[_A-Za-z]\w*/g) ?? []));
}
