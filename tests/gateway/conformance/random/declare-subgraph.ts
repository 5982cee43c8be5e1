import { Kind, type SelectionSetNode } from 'graphql';
import { parseSelection } from './selection-text.js';
import {
  isEntity,
  namedType,
  scalarNames,
  type FieldModel,
  type InterfaceModel,
  type KeyModel,
  type ObjectModel,
  type UnionModel,
  type World,
} from './world.js';

/** What one subgraph declares, stubs and externals included. */
export interface Declared {
  readonly subgraph: string;
  readonly objects: ReadonlyMap<string, DeclaredObject>;
  readonly interfaces: ReadonlyMap<string, DeclaredInterface>;
  readonly unions: ReadonlySet<UnionModel>;
  /** Enums and input objects. */
  readonly others: ReadonlySet<string>;
  readonly queries: readonly FieldModel[];
  readonly mutations: readonly FieldModel[];
}

export interface DeclaredObject {
  readonly model: ObjectModel;
  readonly keys: readonly KeyModel[];
  readonly fields: ReadonlyMap<string, DeclaredField>;
  readonly isInterfaceObject: boolean;
}

export interface DeclaredField {
  readonly model: FieldModel;
  readonly isExternal: boolean;
}

export interface DeclaredInterface {
  readonly model: InterfaceModel;
  readonly fields: readonly FieldModel[];
}

interface GrowingObject extends DeclaredObject {
  readonly fields: Map<string, DeclaredField>;
}

/** The object that stands for an interface where a subgraph has it as `@interfaceObject`. */
export function interfaceObject(world: World, { name, extension, members }: InterfaceModel): ObjectModel {
  const first = world.objects.find((object) => Object.values(members).flat().includes(object.name));
  const fields = (first?.fields ?? []).map((field): FieldModel => ({ ...field, owners: [], overrides: undefined }));
  const homes = extension === undefined ? {} : { [extension.subgraph]: [{ fields: 'id', isResolvable: true }] };
  return { name, homes, fields: [...fields, ...(extension?.fields ?? [])], isInaccessible: false };
}

/** @throws Error where the model cannot be declared: a type lacks what the subgraph needs of it */
export function declareSubgraph(world: World, subgraph: string): Declared {
  const objects = new Map<string, GrowingObject>();
  const interfaces = new Map<string, DeclaredInterface>();
  const unions = new Set<UnionModel>();
  const others = new Set<string>();

  function isOwned({ owners, overrides }: FieldModel): boolean {
    return owners === undefined || owners.includes(subgraph) || overrides?.from === subgraph;
  }

  function declareType(name: string): void {
    if (scalarNames.has(name) || others.has(name)) return;
    const object = world.objects.find((candidate) => candidate.name === name);
    const found = world.interfaces.find((candidate) => candidate.name === name);
    const union = world.unions.find((candidate) => candidate.name === name);
    if (object !== undefined) declareObject(object, false);
    else if (found?.extension?.subgraph === subgraph) declareObject(interfaceObject(world, found), true);
    else if (found !== undefined) declareInterface(found);
    else if (union !== undefined) declareUnion(union);
    else declareOther(name);
  }

  function declareOther(name: string): void {
    others.add(name);
    for (const { type } of world.inputs.find((input) => input.name === name)?.fields ?? [])
      declareType(namedType(type));
  }

  function declareObject(model: ObjectModel, isInterfaceObject: boolean): void {
    if (objects.has(model.name)) return;
    const isForbidden = world.interfaces.some(
      ({ extension, members }) =>
        extension?.subgraph === subgraph && Object.values(members).flat().includes(model.name),
    );
    if (isForbidden) throw new Error(`${model.name} stands beside its interface object in ${subgraph}`);
    const [stubKey] = Object.values(model.homes).flat();
    const stub = stubKey === undefined ? [] : [{ ...stubKey, isResolvable: false }];
    const keys = model.homes[subgraph] ?? stub;
    const declared: GrowingObject = { model, keys, fields: new Map(), isInterfaceObject };
    objects.set(model.name, declared);
    for (const { fields } of keys) declareSelection(model.name, parseSelection(fields), false);
    const isHome = !isEntity(model) || model.homes[subgraph] !== undefined;
    for (const field of model.fields) if (isHome && !field.isKey && isOwned(field)) addField(declared, field, false);
  }

  function addField(declared: GrowingObject, field: FieldModel, isExternal: boolean): void {
    if (declared.fields.has(field.name)) return;
    declared.fields.set(field.name, { model: field, isExternal });
    declareField(field, isExternal ? undefined : declared.model.name);
  }

  /** @param owner the type in which the subgraph resolves it */
  function declareField(field: FieldModel, owner: string | undefined): void {
    declareType(namedType(field.type));
    for (const { type } of field.arguments) declareType(namedType(type));
    const resolves = field.owners?.includes(subgraph) === true;
    if (owner !== undefined && resolves && field.requires !== undefined) {
      // Who cannot be asked for an entity cannot be sent what it requires of it.
      const keys = objects.get(owner)?.keys ?? [];
      if (!keys.some(({ isResolvable }) => isResolvable)) throw new Error(`${subgraph} cannot resolve ${owner}`);
      declareSelection(owner, parseSelection(field.requires), true);
    }
    if (owner !== undefined && resolves) declareContext(field);
    const provided = field.provides[subgraph];
    if (provided !== undefined) declareSelection(namedType(field.type), parseSelection(provided), true);
  }

  function declareContext({ fromContext }: FieldModel): void {
    for (const [source, field] of Object.entries(fromContext?.sources ?? {})) {
      declareType(source);
      declareSelection(source, parseSelection(field), true);
    }
  }

  function declareSelection(typeName: string, { selections }: SelectionSetNode, isExternal: boolean): void {
    for (const selection of selections) {
      if (selection.kind === Kind.INLINE_FRAGMENT) {
        const condition = selection.typeCondition?.name.value ?? typeName;
        declareType(condition);
        declareSelection(condition, selection.selectionSet, isExternal);
      }
      if (selection.kind !== Kind.FIELD) continue;
      declareType(typeName);
      const declared = objects.get(typeName);
      const name = selection.name.value;
      const field =
        declared?.model.fields.find((candidate) => candidate.name === name) ??
        world.objects.flatMap(({ fields }) => fields).find((candidate) => candidate.name === name);
      if (field === undefined) throw new Error(`No type has a field ${name}`);
      if (declared !== undefined) {
        if (!declared.model.fields.includes(field)) throw new Error(`${typeName} has no field ${name}`);
        addField(declared, field, isExternal && (field.isKey || !isOwned(field)));
      }
      if (selection.selectionSet !== undefined) {
        declareSelection(namedType(field.type), selection.selectionSet, isExternal);
      }
    }
  }

  function declareInterface(model: InterfaceModel): void {
    if (interfaces.has(model.name)) return;
    const members = model.members[subgraph] ?? [];
    if (members.length === 0) throw new Error(`${subgraph} knows no implementation of ${model.name}`);
    interfaces.set(model.name, { model, fields: [] });
    for (const member of members) declareType(member);
  }

  function declareUnion(model: UnionModel): void {
    if (unions.has(model)) return;
    const members = model.members[subgraph] ?? [];
    if (members.length === 0) throw new Error(`${subgraph} knows no member of ${model.name}`);
    unions.add(model);
    for (const member of members) declareType(member);
  }

  /** The fields that all implementations resolve here. */
  function interfaceFields({ fields, members }: InterfaceModel): FieldModel[] {
    const implementations = (members[subgraph] ?? []).flatMap((name) => objects.get(name) ?? []);
    return fields.flatMap((name) => {
      const declared = implementations.map((object) => object.fields.get(name));
      const isCommon = declared.every((field) => field?.isExternal === false);
      return isCommon ? (declared[0]?.model ?? []) : [];
    });
  }

  for (const object of world.objects) if (object.homes[subgraph] !== undefined) declareType(object.name);
  for (const { name, members, extension } of world.interfaces) {
    if ((members[subgraph] ?? []).length > 0 || extension?.subgraph === subgraph) declareType(name);
  }
  for (const { name, members } of world.unions) if ((members[subgraph] ?? []).length > 0) declareType(name);
  const queries = world.queries.filter(isOwned);
  const mutations = world.mutations.filter(isOwned);
  for (const field of [...queries, ...mutations]) declareField(field, undefined);
  for (const [name, { model }] of interfaces) {
    const fields = interfaceFields(model);
    if (fields.length === 0) throw new Error(`${name} has no field in ${subgraph}`);
    interfaces.set(name, { model, fields });
  }
  return { subgraph, objects, interfaces, unions, others, queries, mutations };
}
