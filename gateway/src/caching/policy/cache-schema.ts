import type { DocumentNode } from 'graphql';
import { readGuardedTypes, type GuardedType, type GuardedTypes } from '../../guards/authorization/supergraph-types.js';
import { readEntityKeys, type EntityKeys } from '../tags/entity-keys.js';
import type { CacheScopeName } from './cache-policy.js';
import { readSchemaHints, strictest, type Hint, type SchemaHints } from './schema-hints.js';

/** What caching knows about one supergraph. */
export interface CacheSchema extends SchemaHints {
  readonly types: GuardedTypes;
  readonly rootTypes: Readonly<Record<'query' | 'mutation', string>>;
  readonly keys: EntityKeys;
  /** The scope of what no hint says anything about. */
  readonly defaultScope: CacheScopeName;
}

/** Reads a supergraph. @param defaultScope of what nobody says anything about */
export function readCacheSchema(document: DocumentNode, defaultScope: CacheScopeName): CacheSchema {
  const rootTypes = { query: 'Query', mutation: 'Mutation' };
  for (const definition of document.definitions) {
    if (definition.kind !== 'SchemaDefinition') continue;
    for (const { operation, type } of definition.operationTypes) {
      if (operation !== 'subscription') rootTypes[operation] = type.name.value;
    }
  }
  const types = readGuardedTypes(document);
  return { ...readSchemaHints(document), types, rootTypes, keys: readEntityKeys(document), defaultScope };
}

/** The object types that something of a type can be. */
export function possibleTypes({ types }: CacheSchema, typeName: string): readonly string[] {
  return [...(types.get(typeName)?.possibleTypes ?? [])];
}

/**
 * What is hinted at a type, or at a field of it, whatever object stands there: of an interface or union the strictest of all
 * that it can be, and an age only where each of them has one.
 *
 * @param suffix `.field`, or empty for the type itself
 * @param mayInherit whether what says no age has one from above
 */
export function hintAt(schema: CacheSchema, typeName: string, suffix: string, mayInherit = false): Hint | undefined {
  const own = schema.hints.get(`${typeName}${suffix}`);
  if (schema.types.get(typeName)?.isAbstract !== true) return own;
  const possible = possibleTypes(schema, typeName).map((name) => schema.hints.get(`${name}${suffix}`));
  const joined = [own, ...possible].reduce((hint, other) => (other === undefined ? hint : strictest(hint, other)));
  if (joined === undefined) return undefined;
  const isSaid =
    own?.maxAgeSeconds !== undefined ||
    (possible.length > 0 && possible.every((hint) => hint?.maxAgeSeconds !== undefined));
  return isSaid || mayInherit || joined.maxAgeSeconds === undefined ? joined : { ...joined, maxAgeSeconds: 0 };
}

/** Whether only some callers may have a field, or what it leads to, whatever object stands there. */
export function isGuarded(schema: CacheSchema, typeName: string, fieldName: string): boolean {
  const owners = [typeName, ...possibleTypes(schema, typeName)].map((name) => schema.types.get(name));
  const target = owners.find((owner) => owner?.fields.has(fieldName))?.fields.get(fieldName)?.typeName ?? '';
  const reached = [target, ...possibleTypes(schema, target)].map((name) => schema.types.get(name));
  return owners.some((owner) => hasRules(owner, fieldName)) || reached.some((type) => hasRules(type));
}

function hasRules(type: GuardedType | undefined, fieldName?: string): boolean {
  if (type === undefined) return false;
  return type.rules.size > 0 || (fieldName !== undefined && (type.fields.get(fieldName)?.rules.size ?? 0) > 0);
}
