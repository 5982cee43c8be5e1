import {
  Kind,
  parse,
  type ConstDirectiveNode,
  type DocumentNode,
  type FieldDefinitionNode,
  type SelectionNode,
  type TypeNode,
} from 'graphql';

/** What has to be known to ask a subgraph for an entity's fields by themselves. */
export interface EntityFacts {
  /** The type of a field, and whether it is a list. */
  typeOf(typeName: string, fieldName: string): { readonly name: string; readonly isList: boolean } | undefined;
  isAbstract(typeName: string): boolean;
  /** A key by which a subgraph finds objects of a type; undefined where it cannot. */
  keyOf(typeName: string, subgraph: string): readonly SelectionNode[] | undefined;
  /** Whether a subgraph can answer a field of any object of the type, not only of some that it has at hand. */
  resolves(typeName: string, fieldName: string, subgraph: string): boolean;
  rootType(kind: 'query' | 'mutation'): string;
}

interface TypeFacts {
  readonly isObject: boolean;
  readonly keys: ReadonlyMap<string, readonly SelectionNode[]>;
  readonly fields: ReadonlyMap<string, FieldDefinitionNode>;
}

/** Reads the facts out of a supergraph. */
export function readEntityFacts(supergraphSdl: string): EntityFacts {
  const document = parse(supergraphSdl, { noLocation: true });
  const subgraphs = readSubgraphNames(document);
  const types = new Map<string, TypeFacts>();
  const rootTypes = new Map([
    ['query', 'Query'],
    ['mutation', 'Mutation'],
  ]);
  for (const definition of document.definitions) {
    if (definition.kind === Kind.SCHEMA_DEFINITION) {
      for (const { operation, type } of definition.operationTypes) rootTypes.set(operation, type.name.value);
    }
    const isObject = definition.kind === Kind.OBJECT_TYPE_DEFINITION;
    const isInterface = definition.kind === Kind.INTERFACE_TYPE_DEFINITION;
    if (definition.kind === Kind.UNION_TYPE_DEFINITION) {
      types.set(definition.name.value, { isObject: false, keys: new Map(), fields: new Map() });
    }
    if (!isObject && !isInterface) continue;
    types.set(definition.name.value, {
      isObject,
      keys: isObject ? readKeys(definition.directives ?? [], subgraphs) : new Map(),
      fields: new Map(definition.fields?.map((field) => [field.name.value, field])),
    });
  }
  return {
    typeOf(typeName, fieldName) {
      const field = types.get(typeName)?.fields.get(fieldName);
      return field === undefined ? undefined : unwrap(field.type);
    },
    isAbstract: (typeName) => types.get(typeName)?.isObject === false,
    keyOf: (typeName, subgraph) => types.get(typeName)?.keys.get(subgraph),
    resolves(typeName, fieldName, subgraph) {
      const field = types.get(typeName)?.fields.get(fieldName);
      if (field === undefined) return false;
      return (field.directives ?? []).every((directive) => {
        const { graph, external } = readArguments(directive);
        return subgraphs.get(graph ?? '') !== subgraph || external !== 'true';
      });
    },
    rootType: (kind) => rootTypes.get(kind) ?? '',
  };
}

function readSubgraphNames(document: DocumentNode): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.ENUM_TYPE_DEFINITION || definition.name.value !== 'join__Graph') continue;
    for (const { name, directives } of definition.values ?? []) {
      const graph = directives?.find((directive) => directive.name.value === 'join__graph');
      names.set(name.value, (graph && readArguments(graph)['name']) ?? name.value);
    }
  }
  return names;
}

/**
 * Subgraph -> the first key that it resolves; for types of several subgraphs alone. A type that only one subgraph knows is
 * never asked for by its key, so nobody notices where that would not work.
 */
function readKeys(
  directives: readonly ConstDirectiveNode[],
  subgraphs: ReadonlyMap<string, string>,
): ReadonlyMap<string, readonly SelectionNode[]> {
  const keys = new Map<string, readonly SelectionNode[]>();
  const graphs = new Set<string | undefined>();
  for (const directive of directives) {
    if (directive.name.value !== 'join__type') continue;
    const { graph, key, resolvable, isInterfaceObject } = readArguments(directive);
    const subgraph = subgraphs.get(graph ?? '');
    graphs.add(graph);
    if (subgraph === undefined || key === undefined || resolvable === 'false' || isInterfaceObject === 'true') continue;
    const [definition] = parse(`{${key}}`, { noLocation: true }).definitions;
    if (keys.has(subgraph) || definition?.kind !== Kind.OPERATION_DEFINITION) continue;
    keys.set(subgraph, definition.selectionSet.selections);
  }
  return graphs.size > 1 ? keys : new Map();
}

function readArguments({ arguments: given = [] }: ConstDirectiveNode): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries(
    given.map(({ name, value }) => [name.value, 'value' in value ? String(value.value) : undefined]),
  );
}

function unwrap(type: TypeNode): { readonly name: string; readonly isList: boolean } {
  if (type.kind === Kind.NAMED_TYPE) return { name: type.name.value, isList: false };
  const inner = unwrap(type.type);
  return { name: inner.name, isList: inner.isList || type.kind === Kind.LIST_TYPE };
}
