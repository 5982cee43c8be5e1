import {
  Kind,
  type ConstArgumentNode,
  type ConstDirectiveNode,
  type ConstValueNode,
  type DocumentNode,
  type ValueNode,
} from 'graphql';

/** The names under which `@cost` and `@listSize` stand in a supergraph. */
export interface CostDirectiveNames {
  readonly cost: string;
  readonly listSize: string;
}

/** What `@listSize` says of a field (https://ibm.github.io/graphql-specs/cost-spec.html). */
export interface ListSize {
  readonly assumedSize: number | undefined;
  /** Arguments that set the size. */
  readonly slicingArguments: readonly string[];
  /** Fields of the returned object that have the size. Empty: the field itself has it. */
  readonly sizedFields: ReadonlySet<string>;
  readonly requireOneSlicingArgument: boolean;
}

/** Reads the headers of a supergraph: its `@link` to the cost specification may rename the directives. */
export function readCostDirectiveNames(document: DocumentNode): CostDirectiveNames {
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.SCHEMA_DEFINITION && definition.kind !== Kind.SCHEMA_EXTENSION) continue;
    for (const { arguments: given } of definition.directives ?? []) {
      const url = textOf(valueOf(given, 'url'));
      if (url === undefined || !/\/cost\/v\d+\.\d+\/?$/.test(url)) continue;
      const namespace = textOf(valueOf(given, 'as')) ?? 'cost';
      const imports = readImports(valueOf(given, 'import'));
      return {
        cost: imports.get('@cost') ?? namespace,
        listSize: imports.get('@listSize') ?? `${namespace}__listSize`,
      };
    }
  }
  return { cost: 'cost', listSize: 'listSize' };
}

/** @returns the weight of `@cost`, where there is one. IBM's specification writes it as a text, Federation as a number. */
export function readWeight(
  directives: readonly ConstDirectiveNode[] | undefined,
  { cost }: CostDirectiveNames,
): number | undefined {
  const directive = directives?.find(({ name }) => name.value === cost);
  const weight = valueOf(directive?.arguments, 'weight');
  return weight !== undefined && 'value' in weight ? Number(weight.value) || 0 : undefined;
}

/** @returns what `@listSize` says, where there is one */
export function readListSize(
  directives: readonly ConstDirectiveNode[] | undefined,
  { listSize }: CostDirectiveNames,
): ListSize | undefined {
  const directive = directives?.find(({ name }) => name.value === listSize);
  if (directive === undefined) return undefined;
  const assumed = valueOf(directive.arguments, 'assumedSize');
  const one = valueOf(directive.arguments, 'requireOneSlicingArgument');
  return {
    assumedSize: assumed?.kind === Kind.INT ? Number(assumed.value) : undefined,
    slicingArguments: textsOf(valueOf(directive.arguments, 'slicingArguments')),
    sizedFields: new Set(textsOf(valueOf(directive.arguments, 'sizedFields'))),
    requireOneSlicingArgument: one?.kind === Kind.BOOLEAN ? one.value : true,
  };
}

function valueOf(given: readonly ConstArgumentNode[] | undefined, name: string): ConstValueNode | undefined {
  return given?.find((argument) => argument.name.value === name)?.value;
}

function textOf(value: ValueNode | undefined): string | undefined {
  return value?.kind === Kind.STRING ? value.value : undefined;
}

/** A lone text stands for a list of it (GraphQL specification, list input coercion). */
function textsOf(value: ConstValueNode | undefined): readonly string[] {
  const values = value?.kind === Kind.LIST ? value.values : value === undefined ? [] : [value];
  return values.flatMap((item) => textOf(item) ?? []);
}

function readImports(value: ConstValueNode | undefined): ReadonlyMap<string, string> {
  const imports = new Map<string, string>();
  for (const item of value?.kind === Kind.LIST ? value.values : []) {
    if (item.kind === Kind.STRING) imports.set(item.value, item.value.slice(1));
    if (item.kind !== Kind.OBJECT) continue;
    const fields = new Map(item.fields.map((field) => [field.name.value, textOf(field.value)]));
    const name = fields.get('name');
    if (name !== undefined) imports.set(name, (fields.get('as') ?? name).replace(/^@/, ''));
  }
  return imports;
}
