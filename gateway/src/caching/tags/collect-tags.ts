import { Kind, valueFromASTUntyped, type FieldNode, type SelectionSetNode } from 'graphql';
import { possibleTypes, type CacheSchema } from '../policy/cache-schema.js';
import { isEntitiesField, type FetchDocument } from '../policy/fetch-document.js';
import { writeKey } from './entity-keys.js';
import { customTag, entityTag, typeTag, unnamedTag } from './tag-names.js';
import type { TagSink } from './tag-set.js';

type Fields = Readonly<Record<string, unknown>>;

/**
 * Finds out what a subgraph's answer tells something about: the types that the fetch reaches, and each entity that is in it.
 * The entities of an `_entities` field itself are known by their representations.
 *
 * @param variables of the fetch
 */
export function collectTags(
  { rootFields, rootType, fragments, hints }: FetchDocument,
  data: Fields,
  variables: Fields,
  schema: CacheSchema,
  tags: TagSink,
): void {
  for (const typeName of hints.types) tags.add(typeTag(typeName));
  for (const field of rootFields) {
    const value = data[field.alias?.value ?? field.name.value];
    if (isEntitiesField(field)) visitEntities(value, field.selectionSet);
    else {
      for (const format of schema.tagFormats.get(`${rootType}.${field.name.value}`) ?? []) {
        addFormatted(format, { args: argumentsOf(field, variables) }, tags);
      }
      visitField(field, value, rootType);
    }
  }

  function visitEntities(entities: unknown, selectionSet: SelectionSetNode | undefined): void {
    if (!Array.isArray(entities) || selectionSet === undefined) return;
    for (const entity of entities) if (isObject(entity)) visitFields(entity, selectionSet, typeNameOf(entity) ?? '');
  }

  function visitField(field: FieldNode, value: unknown, parentType: string): void {
    const target = schema.types.get(parentType)?.fields.get(field.name.value)?.typeName;
    if (field.selectionSet !== undefined && target !== undefined) visit(value, field.selectionSet, target);
  }

  function visit(value: unknown, selectionSet: SelectionSetNode, staticType: string): void {
    if (Array.isArray(value)) for (const item of value) visit(item, selectionSet, staticType);
    else if (isObject(value)) {
      const typeName = typeNameOf(value) ?? staticType;
      addObjectTags(value, typeName, schema, tags);
      visitFields(value, selectionSet, typeName);
    }
  }

  function visitFields(object: Fields, { selections }: SelectionSetNode, typeName: string): void {
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) {
        visitField(selection, object[selection.alias?.value ?? selection.name.value], typeName);
        continue;
      }
      const inner = selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments.get(selection.name.value);
      if (inner === undefined) continue;
      const condition = inner.typeCondition?.name.value ?? typeName;
      // An object that does not say of which type it is may be of any.
      const isKnown = schema.types.get(typeName)?.isAbstract === false;
      if (!isKnown) visitFields(object, inner.selectionSet, condition);
      else if (possibleTypes(schema, condition).includes(typeName)) visitFields(object, inner.selectionSet, typeName);
    }
  }

  function typeNameOf(object: Fields): string | undefined {
    const name = object['__typename'];
    return typeof name === 'string' && schema.types.get(name)?.isAbstract === false ? name : undefined;
  }
}

/**
 * Tags an object by each of its keys. Result keys see to it that a key's bare name means the key's field, and no other.
 *
 * @param typeName of an abstract type: the object may be any of it
 */
export function addObjectTags(object: Fields, typeName: string, schema: CacheSchema, tags: TagSink): void {
  if (schema.types.get(typeName)?.isAbstract === true) {
    for (const name of possibleTypes(schema, typeName)) {
      for (const key of schema.keys.get(name) ?? []) tags.add(unnamedTag(key));
    }
    return;
  }
  tags.add(typeTag(typeName));
  for (const key of schema.keys.get(typeName) ?? []) {
    const written = writeKey(key.fields, object);
    if (written === undefined) tags.add(unnamedTag(key));
    else tags.addEntity(entityTag(key.typeName, written), unnamedTag(key));
  }
  for (const format of schema.tagFormats.get(typeName) ?? []) addFormatted(format, { key: object }, tags);
}

/** `product-{$key.upc}`, `user-{$args.id}`; nothing where a value is not there. */
function addFormatted(format: string, values: Readonly<Record<string, Fields>>, tags: TagSink): void {
  let isComplete = true;
  const name = format.replaceAll(/\{\$(args|key)\.([\w.]+)\}/g, (_match, source: string, path: string) => {
    const value = path
      .split('.')
      .reduce<unknown>((found, step) => (isObject(found) ? found[step] : undefined), values[source]);
    const isText = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
    isComplete &&= isText;
    return isText ? String(value) : '';
  });
  if (isComplete) tags.add(customTag(name));
}

function argumentsOf({ arguments: given = [] }: FieldNode, variables: Fields): Fields {
  return Object.fromEntries(given.map(({ name, value }) => [name.value, valueFromASTUntyped(value, { ...variables })]));
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
