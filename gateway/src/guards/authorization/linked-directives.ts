import { Kind, type ConstDirectiveNode, type ConstValueNode, type DocumentNode } from 'graphql';

/** The specifications whose directives decide who may see what; each defines one directive of its own name. */
export type LinkedFeature = 'authenticated' | 'requiresScopes' | 'policy' | 'context';

/** The names under which the directives of features stand in a supergraph. */
export type LinkedDirectives = Readonly<Record<LinkedFeature, ReadonlySet<string>>>;

/**
 * Reads from the headers of a supergraph (`@link`, or `@core` of older ones) what the directives of some features are
 * called there: `as` renames a whole feature, `import: [{ name, as }]` its directive. A directive that only looks like one
 * of them is not taken for it.
 */
export function readLinkedDirectives(document: DocumentNode): LinkedDirectives {
  const names: Record<LinkedFeature, Set<string>> = {
    authenticated: new Set(),
    requiresScopes: new Set(),
    policy: new Set(),
    context: new Set(),
  };
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.SCHEMA_DEFINITION && definition.kind !== Kind.SCHEMA_EXTENSION) continue;
    for (const header of definition.directives ?? []) readHeader(header, names);
  }
  return names;
}

function readHeader({ arguments: given = [] }: ConstDirectiveNode, names: Record<LinkedFeature, Set<string>>): void {
  const values = new Map(given.map(({ name, value }) => [name.value, value]));
  const url = textOf(values.get('url')) ?? textOf(values.get('feature'));
  // `https://specs.apollo.dev/requiresScopes/v0.1`: what stands before the version names the feature.
  const feature = url?.match(/([^/]+)\/v\d+\.\d+\/?$/)?.[1];
  if (feature === undefined || !isKnown(feature, names)) return;
  const namespace = textOf(values.get('as')) ?? feature;
  names[feature].add(namespace).add(`${namespace}__${feature}`);
  const imports = values.get('import');
  for (const item of imports?.kind === Kind.LIST ? imports.values : []) {
    const { name, as } = readImport(item);
    if (name === `@${feature}`) names[feature].add((as ?? name).replace(/^@/, ''));
  }
}

function isKnown(feature: string, names: Record<LinkedFeature, unknown>): feature is LinkedFeature {
  return Object.hasOwn(names, feature);
}

function readImport(item: ConstValueNode): { readonly name: string | undefined; readonly as: string | undefined } {
  if (item.kind !== Kind.OBJECT) return { name: textOf(item), as: undefined };
  const fields = new Map(item.fields.map(({ name, value }) => [name.value, value]));
  return { name: textOf(fields.get('name')), as: textOf(fields.get('as')) };
}

function textOf(value: ConstValueNode | undefined): string | undefined {
  return value?.kind === Kind.STRING ? value.value : undefined;
}
