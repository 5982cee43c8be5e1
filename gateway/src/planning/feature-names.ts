import { Kind, type DocumentNode, type ValueNode } from 'graphql';

/** The names under which the features that a supergraph links (`@link`; `@core` of Federation 1) appear in it. */
export interface FeatureNames {
  /** The name of `@inaccessible`, which a `@link` may rename. */
  readonly inaccessible: string;
  /** The name of the directive that is called like its feature; undefined where no such feature is linked. */
  directiveOf(feature: string): string | undefined;
  /** `0.5`, for one; undefined where no such feature is linked. */
  versionOf(feature: string): string | undefined;
  /** All of this, for comparing. */
  readonly text: string;
  /** Whether a type or directive belongs to a feature and not to the product. */
  isMachinery(name: string): boolean;
}

interface Import {
  readonly name: string;
  readonly as: string;
}

/** Reads the `@link`s of a supergraph's schema definition. */
export function readFeatureNames(document: DocumentNode): FeatureNames {
  const prefixes: string[] = [];
  const names = new Set<string>();
  const directives = new Map<string, string>();
  const versions = new Map<string, string>();
  const linked = [...links(document)];
  for (const { feature, version, namespace, imports } of linked) {
    versions.set(feature, version);
    prefixes.push(`${namespace}__`);
    names.add(`@${namespace}`);
    for (const { as } of imports) names.add(as);
    directives.set(feature, imports.find(({ name }) => name === `@${feature}`)?.as.slice(1) ?? namespace);
  }
  return {
    inaccessible: directives.get('inaccessible') ?? 'inaccessible',
    directiveOf: (feature) => directives.get(feature),
    text: JSON.stringify(linked),
    versionOf: (feature) => versions.get(feature),
    isMachinery: (name) => names.has(name) || prefixes.some((prefix) => name.replace(/^@/, '').startsWith(prefix)),
  };
}

function* links(document: DocumentNode) {
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.SCHEMA_DEFINITION && definition.kind !== Kind.SCHEMA_EXTENSION) continue;
    for (const directive of definition.directives ?? []) {
      const given = new Map(directive.arguments?.map(({ name, value }) => [name.value, value]));
      const url = text(given.get('url') ?? given.get('feature'));
      // `https://specs.apollo.dev/join/v0.4`: the part before the version names the feature.
      const [, feature, version] = url?.match(/([^/]+)\/v(\d+\.\d+)\/?$/) ?? [];
      if (feature === undefined || version === undefined) continue;
      yield {
        feature,
        version,
        namespace: text(given.get('as')) ?? feature,
        imports: readImports(given.get('import')),
      };
    }
  }
}

function readImports(value: ValueNode | undefined): Import[] {
  if (value?.kind !== Kind.LIST) return [];
  return value.values.flatMap((item) => {
    if (item.kind === Kind.STRING) return [{ name: item.value, as: item.value }];
    if (item.kind !== Kind.OBJECT) return [];
    const name = text(item.fields.find((field) => field.name.value === 'name')?.value);
    const as = text(item.fields.find((field) => field.name.value === 'as')?.value);
    return name === undefined ? [] : [{ name, as: as ?? name }];
  });
}

function text(value: ValueNode | undefined): string | undefined {
  return value?.kind === Kind.STRING ? value.value : undefined;
}
