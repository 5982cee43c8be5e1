import type { ContextModel, FieldModel, InterfaceModel, ObjectModel, World } from './world.js';

/** Supergraphs with one thing less. They may contradict themselves. */
export function* shrinkWorld(world: World): Generator<World> {
  for (const subgraph of world.subgraphs) yield withoutSubgraph(world, subgraph);
  for (const key of ['queries', 'mutations', 'objects', 'interfaces', 'unions', 'enums', 'inputs'] as const) {
    for (const item of world[key]) yield { ...world, [key]: without<unknown>(world[key], item) };
  }
  for (const object of world.objects) {
    for (const smaller of shrinkObject(object)) yield { ...world, objects: replace(world.objects, object, smaller) };
  }
  for (const key of ['queries', 'mutations'] as const) {
    for (const field of world[key]) {
      for (const simpler of shrinkField(field)) yield { ...world, [key]: replace(world[key], field, simpler) };
    }
  }
  for (const model of world.interfaces) {
    for (const smaller of shrinkInterface(model))
      yield { ...world, interfaces: replace(world.interfaces, model, smaller) };
  }
  for (const key of ['interfaces', 'unions'] as const) {
    for (const model of world[key]) {
      for (const members of shrinkMembers(model.members)) {
        yield { ...world, [key]: replace<unknown>(world[key], model, { ...model, members }) };
      }
    }
  }
}

function without<Item>(items: readonly Item[], gone: Item): Item[] {
  return items.filter((item) => item !== gone);
}

function replace<Item>(items: readonly Item[], old: Item, next: Item): Item[] {
  return items.map((item) => (item === old ? next : item));
}

function omit<Value>(record: Readonly<Record<string, Value>>, gone: string): Record<string, Value> {
  return Object.fromEntries(Object.entries(record).filter(([key]) => key !== gone));
}

function withoutSubgraph(world: World, gone: string): World {
  const fields = (models: readonly FieldModel[]): FieldModel[] =>
    models.flatMap((field) => {
      const owners = field.owners?.filter((owner) => owner !== gone);
      if (field.owners !== undefined && owners?.length === 0 && !field.isKey) return [];
      const overrides = field.overrides?.from === gone ? undefined : field.overrides;
      return [{ ...field, owners, overrides, provides: omit(field.provides, gone) }];
    });
  return {
    ...world,
    subgraphs: without(world.subgraphs, gone),
    queries: fields(world.queries),
    mutations: fields(world.mutations),
    objects: world.objects.map((object) => ({
      ...object,
      homes: omit(object.homes, gone),
      fields: fields(object.fields),
    })),
    interfaces: world.interfaces.map((model) => ({ ...model, members: omit(model.members, gone) })),
    unions: world.unions.map((model) => ({ ...model, members: omit(model.members, gone) })),
  };
}

function* shrinkObject(object: ObjectModel): Generator<ObjectModel> {
  for (const [subgraph, keys] of Object.entries(object.homes)) {
    yield { ...object, homes: omit(object.homes, subgraph) };
    if (keys.length < 2) continue;
    for (const key of keys) yield { ...object, homes: { ...object.homes, [subgraph]: without(keys, key) } };
  }
  for (const field of object.fields) {
    yield { ...object, fields: without(object.fields, field) };
    for (const simpler of shrinkField(field)) yield { ...object, fields: replace(object.fields, field, simpler) };
  }
  if (object.isInaccessible) yield { ...object, isInaccessible: false };
}

function* shrinkField(field: FieldModel): Generator<FieldModel> {
  if (field.isKey) return;
  if (field.requires !== undefined) yield { ...field, requires: undefined };
  if (field.fromContext !== undefined) yield* shrinkContext(field, field.fromContext);
  if (field.overrides !== undefined) yield { ...field, overrides: undefined };
  if (Object.keys(field.provides).length > 0) yield { ...field, provides: {} };
  if (field.isInaccessible) yield { ...field, isInaccessible: false };
  if (field.arguments.length > 0) yield { ...field, arguments: field.arguments.slice(0, -1) };
  const owners = field.owners ?? [];
  if (owners.length > 1) for (const owner of owners) yield { ...field, owners: without(owners, owner) };
  const list = /^\[(.*)\]!?$/.exec(field.type)?.[1];
  if (list !== undefined) yield { ...field, type: list };
  if (field.type.endsWith('!')) yield { ...field, type: field.type.slice(0, -1) };
  if (/^[A-Z]\d+$/.test(field.type) || field.type === 'String') return;
  if (field.type !== 'Int') yield { ...field, type: 'Int' };
}

function* shrinkContext(field: FieldModel, context: ContextModel): Generator<FieldModel> {
  yield { ...field, fromContext: undefined };
  const sources = Object.keys(context.sources);
  if (sources.length < 2) return;
  for (const source of sources) yield { ...field, fromContext: { ...context, sources: omit(context.sources, source) } };
}

function* shrinkInterface(model: InterfaceModel): Generator<InterfaceModel> {
  const { extension } = model;
  if (extension === undefined) return;
  for (const field of extension.fields) {
    yield { ...model, extension: { ...extension, fields: without(extension.fields, field) } };
    for (const simpler of shrinkField(field)) {
      yield { ...model, extension: { ...extension, fields: replace(extension.fields, field, simpler) } };
    }
  }
}

function* shrinkMembers(
  members: Readonly<Record<string, readonly string[]>>,
): Generator<Readonly<Record<string, readonly string[]>>> {
  for (const [subgraph, names] of Object.entries(members)) {
    yield omit(members, subgraph);
    for (const name of names) yield { ...members, [subgraph]: without(names, name) };
  }
}
