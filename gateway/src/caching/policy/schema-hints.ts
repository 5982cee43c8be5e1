import {
  isTypeDefinitionNode,
  Kind,
  type ConstDirectiveNode,
  type ConstObjectFieldNode,
  type ConstValueNode,
  type DocumentNode,
} from 'graphql';
import type { CacheScopeName } from './cache-policy.js';

/** What `@cacheControl` says at one place. */
export interface Hint {
  readonly maxAgeSeconds: number | undefined;
  readonly scope: CacheScopeName | undefined;
  readonly inheritMaxAge: boolean;
}

/** What `@cacheTag` of one place adds: a text with `{$key.id}` and `{$args.id}` in it. */
export interface SchemaHints {
  /** `Type` or `Type.field` -> its hint, the most restrictive where it has several. */
  readonly hints: ReadonlyMap<string, Hint>;
  /** `Type` or `Type.field` -> formats. */
  readonly tagFormats: ReadonlyMap<string, readonly string[]>;
}

const feature = 'cacheControl';

/**
 * Reads `@cacheControl` and `@cacheTag` out of a supergraph.
 *
 * Composition drops `@cacheControl` unless `@composeDirective` names it; then it stands in the supergraph under whatever name
 * its `@link` gave it. Declared `repeatable` it keeps what each subgraph says of a shared field; else only the first one's
 * word is there. What composition carries without knowing it stands in `@join__directive`, as `@cacheTag` does.
 */
export function readSchemaHints(document: DocumentNode): SchemaHints {
  const names = readDirectiveNames(document);
  const hints = new Map<string, Hint>();
  const tagFormats = new Map<string, string[]>();

  function read(coordinate: string, directives: readonly ConstDirectiveNode[] = []): void {
    for (const directive of directives) {
      const { name, values } = carried(directive);
      if (names.has(name)) {
        hints.set(coordinate, strictest(hints.get(coordinate), readHint(values)));
      } else if (name === 'cacheTag' || name.endsWith('__cacheTag')) {
        const format = values.get('format');
        if (format?.kind !== Kind.STRING) continue;
        tagFormats.set(coordinate, [...(tagFormats.get(coordinate) ?? []), format.value]);
      }
    }
  }

  for (const definition of document.definitions) {
    if (!isTypeDefinitionNode(definition)) continue;
    const typeName = definition.name.value;
    read(typeName, definition.directives);
    if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION && definition.kind !== Kind.INTERFACE_TYPE_DEFINITION) continue;
    for (const field of definition.fields ?? []) read(`${typeName}.${field.name.value}`, field.directives);
  }
  return { hints, tagFormats };
}

/** The directive that a `@join__directive` carries, or itself. */
function carried(directive: ConstDirectiveNode) {
  const values = new Map(directive.arguments?.map(({ name, value }) => [name.value, value]));
  const name = values.get('name');
  const given = values.get('args');
  if (directive.name.value !== 'join__directive' || name?.kind !== Kind.STRING) {
    return { name: directive.name.value, values };
  }
  const fields: readonly ConstObjectFieldNode[] = given?.kind === Kind.OBJECT ? given.fields : [];
  return { name: name.value, values: new Map(fields.map((field) => [field.name.value, field.value])) };
}

/** `cacheControl` under its own name, with a namespace before it, and as a `@link` renames it. */
function readDirectiveNames(document: DocumentNode): ReadonlySet<string> {
  const names = new Set([feature, `federation__${feature}`, `${feature}__${feature}`]);
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.SCHEMA_DEFINITION && definition.kind !== Kind.SCHEMA_EXTENSION) continue;
    for (const { arguments: given } of definition.directives ?? []) {
      const values = new Map(given?.map(({ name, value }) => [name.value, value]));
      const namespace = textOf(values.get('as'));
      if (namespace !== undefined) names.add(`${namespace}__${feature}`);
      if (namespace !== undefined && textOf(values.get('url'))?.includes(`/${feature}/`)) names.add(namespace);
      const imports = values.get('import');
      for (const item of imports?.kind === Kind.LIST ? imports.values : []) {
        if (item.kind !== Kind.OBJECT) continue;
        const fields = new Map(item.fields.map(({ name, value }) => [name.value, value]));
        const as = textOf(fields.get('as'));
        if (textOf(fields.get('name')) === `@${feature}` && as !== undefined) names.add(as.replace(/^@/, ''));
      }
    }
  }
  return names;
}

function readHint(values: ReadonlyMap<string, ConstValueNode>): Hint {
  const maxAge = values.get('maxAge');
  const scope = values.get('scope');
  const inherit = values.get('inheritMaxAge');
  // In a `@join__directive` enum values stand as strings.
  const scopeName = scope?.kind === Kind.ENUM || scope?.kind === Kind.STRING ? scope.value : undefined;
  return {
    maxAgeSeconds: maxAge?.kind === Kind.INT ? Math.max(0, Number(maxAge.value)) : undefined,
    scope: scopeName === 'PUBLIC' ? 'public' : scopeName === undefined ? undefined : 'private',
    inheritMaxAge: inherit?.kind === Kind.BOOLEAN && inherit.value,
  };
}

/** What both say: the shorter age, and private where one says so. */
export function strictest(one: Hint | undefined, other: Hint): Hint {
  if (one === undefined) return other;
  const ages = [one.maxAgeSeconds, other.maxAgeSeconds].filter((age) => age !== undefined);
  return {
    maxAgeSeconds: ages.length === 0 ? undefined : Math.min(...ages),
    scope: one.scope === 'private' || other.scope === 'private' ? 'private' : (one.scope ?? other.scope),
    inheritMaxAge: one.inheritMaxAge && other.inheritMaxAge,
  };
}

function textOf(value: ConstValueNode | undefined): string | undefined {
  return value?.kind === Kind.STRING ? value.value : undefined;
}
