/**
 * A supergraph as a model: what each type means, and which subgraph declares which part of it. Everything else (stubs,
 * `@external`, which fields an interface has where) follows from it, so that any part can be taken away.
 */
export interface World {
  readonly subgraphs: readonly string[];
  readonly enums: readonly EnumModel[];
  readonly inputs: readonly InputModel[];
  /** Entities and value types. */
  readonly objects: readonly ObjectModel[];
  readonly interfaces: readonly InterfaceModel[];
  readonly unions: readonly UnionModel[];
  readonly queries: readonly FieldModel[];
  readonly mutations: readonly FieldModel[];
}

export interface EnumModel {
  readonly name: string;
  readonly values: readonly EnumValueModel[];
}

export interface EnumValueModel {
  readonly name: string;
  /** Undefined for a value that every subgraph knows. */
  readonly subgraphs: readonly string[] | undefined;
  readonly isInaccessible: boolean;
}

export interface InputModel {
  readonly name: string;
  readonly fields: readonly InputFieldModel[];
}

export interface InputFieldModel extends ArgumentModel {
  readonly subgraphs: readonly string[] | undefined;
}

export interface ArgumentModel {
  readonly name: string;
  readonly type: string;
  /** GraphQL text. */
  readonly defaultValue: string | undefined;
}

export interface ObjectModel {
  readonly name: string;
  /** Subgraph -> the keys that it declares; none for a value type. */
  readonly homes: Readonly<Record<string, readonly KeyModel[]>>;
  readonly fields: readonly FieldModel[];
  readonly isInaccessible: boolean;
}

export interface KeyModel {
  readonly fields: string;
  readonly isResolvable: boolean;
}

export interface FieldModel {
  readonly name: string;
  /** GraphQL text: `[T0!]!`. */
  readonly type: string;
  readonly arguments: readonly ArgumentModel[];
  /** The subgraphs that resolve it; undefined for all that declare the type, as value types have it. */
  readonly owners: readonly string[] | undefined;
  /** A part of a key: declared wherever a key names it. */
  readonly isKey: boolean;
  /** The subgraph whose field it replaces, with the label of a progressive `@override`. */
  readonly overrides: { readonly from: string; readonly label: string | undefined } | undefined;
  /** What its only owner requires. */
  readonly requires: string | undefined;
  /** Subgraph -> what it provides below this field. */
  readonly provides: Readonly<Record<string, string>>;
  readonly isInaccessible: boolean;
  /** An argument that consumers do not see. */
  readonly fromContext: ContextModel | undefined;
}

/** An argument that is filled from the nearest object above that sets its context (`@context`, `@fromContext`). */
export interface ContextModel {
  readonly name: string;
  readonly argument: ArgumentModel;
  /** Object type that sets it -> the field that it is. */
  readonly sources: Readonly<Record<string, string>>;
}

export interface InterfaceModel {
  readonly name: string;
  /** Fields that all implementations have. */
  readonly fields: readonly string[];
  /** Subgraph -> implementations that it knows. */
  readonly members: Readonly<Record<string, readonly string[]>>;
  /** The subgraph in which the interface itself has the key `id`. */
  readonly home: string | undefined;
  /** The subgraph that knows it as an object (`@interfaceObject`), and what it adds. */
  readonly extension: { readonly subgraph: string; readonly fields: readonly FieldModel[] } | undefined;
}

export interface UnionModel {
  readonly name: string;
  /** Subgraph -> members that it knows. */
  readonly members: Readonly<Record<string, readonly string[]>>;
}

export const scalarNames: ReadonlySet<string> = new Set(['ID', 'String', 'Int', 'Float', 'Boolean']);

/** The named type within lists and non-null marks. */
export function namedType(type: string): string {
  return type.replace(/[[\]!]/g, '');
}

export function isEntity(object: ObjectModel): boolean {
  return Object.keys(object.homes).length > 0;
}

/** The implementations or members that any subgraph knows. */
export function allMembers({ members }: Pick<UnionModel, 'members'>): string[] {
  return [...new Set(Object.values(members).flat())];
}
