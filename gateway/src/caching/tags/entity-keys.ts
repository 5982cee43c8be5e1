import { Kind, parse, type ConstDirectiveNode, type DocumentNode, type SelectionSetNode } from 'graphql';

/** The fields of one `@key`, sorted; those of objects with what is selected below. */
export type KeyFields = ReadonlyMap<string, KeyFields | undefined>;

/** One way to name an entity. */
export interface EntityKey {
  /** The type that the key is of: the object's own, or an interface of it. */
  readonly typeName: string;
  readonly fields: KeyFields;
  /** Equal for keys of the same fields: `id,organization{id}`. */
  readonly shape: string;
}

/** Object type -> its keys and those of its interfaces. */
export type EntityKeys = ReadonlyMap<string, readonly EntityKey[]>;

/** Reads the keys of all entities of a supergraph. */
export function readEntityKeys(document: DocumentNode): EntityKeys {
  const own = new Map<string, readonly EntityKey[]>();
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION && definition.kind !== Kind.INTERFACE_TYPE_DEFINITION) continue;
    const keys = new Map<string, EntityKey>();
    for (const text of definition.directives?.flatMap(keyOf) ?? []) {
      const fields = parseKey(text);
      const shape = shapeOf(fields);
      keys.set(shape, { typeName: definition.name.value, fields, shape });
    }
    if (keys.size > 0) own.set(definition.name.value, [...keys.values()]);
  }
  const all = new Map(own);
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION) continue;
    const names = [definition.name.value, ...(definition.interfaces ?? []).map(({ name }) => name.value)];
    const keys = names.flatMap((name) => own.get(name) ?? []);
    if (keys.length > 0) all.set(definition.name.value, keys);
  }
  return all;
}

/** The shape of given key values, as {@link EntityKey.shape} has it. */
export function shapeOfValues(values: Readonly<Record<string, unknown>>): string {
  return Object.keys(values)
    .sort()
    .map((name) => (isObject(values[name]) ? `${name}{${shapeOfValues(values[name])}}` : name))
    .join();
}

/**
 * Writes key values so that equal keys have equal texts: ids may come as numbers or as texts.
 *
 * @returns undefined where one of the fields has no value
 */
export function writeKey(fields: KeyFields, values: Readonly<Record<string, unknown>>): string | undefined {
  const members: string[] = [];
  for (const [name, below] of fields) {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    const text = below === undefined ? writeLeaf(value) : isObject(value) ? writeKey(below, value) : undefined;
    if (text === undefined) return undefined;
    members.push(`${JSON.stringify(name)}:${text}`);
  }
  return `{${members.join()}}`;
}

/** As {@link writeKey}, for values that stand for themselves. */
export function writeValues(values: Readonly<Record<string, unknown>>): string {
  const names = Object.keys(values).sort();
  const write = (value: unknown): string => (isObject(value) ? writeValues(value) : (writeLeaf(value) ?? 'null'));
  return `{${names.map((name) => `${JSON.stringify(name)}:${write(values[name])}`).join()}}`;
}

function writeLeaf(value: unknown): string | undefined {
  if (value === null || value === undefined) return undefined;
  if (Array.isArray(value)) return JSON.stringify(value);
  return typeof value === 'object' ? undefined : JSON.stringify(String(value));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function keyOf({ name, arguments: given }: ConstDirectiveNode): string[] {
  if (name.value !== 'join__type') return [];
  return (given ?? []).flatMap((argument) =>
    argument.name.value === 'key' && argument.value.kind === Kind.STRING ? [argument.value.value] : [],
  );
}

function parseKey(text: string): KeyFields {
  const [definition] = parse(`{${text}}`, { noLocation: true }).definitions;
  return definition?.kind === Kind.OPERATION_DEFINITION ? fieldsOf(definition.selectionSet) : new Map();
}

function fieldsOf({ selections }: SelectionSetNode): KeyFields {
  const fields = selections.flatMap((selection): [string, KeyFields | undefined][] => {
    if (selection.kind === Kind.INLINE_FRAGMENT) return [...fieldsOf(selection.selectionSet)];
    if (selection.kind !== Kind.FIELD || selection.name.value === '__typename') return [];
    const below = selection.selectionSet === undefined ? undefined : fieldsOf(selection.selectionSet);
    return [[selection.name.value, below]];
  });
  return new Map(fields.sort(([one], [other]) => (one < other ? -1 : 1)));
}

function shapeOf(fields: KeyFields): string {
  return [...fields].map(([name, below]) => (below === undefined ? name : `${name}{${shapeOf(below)}}`)).join();
}
