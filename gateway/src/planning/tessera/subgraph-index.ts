import { Kind, print, type DocumentNode, type SelectionNode, type TypeDefinitionNode } from 'graphql';
import { readFeatureNames } from '../feature-names.js';
import { atOnce, type Pieces } from '../pieces.js';
import { notRolledOut } from '../roll-out.js';
import {
  readContexts,
  readFieldJoins,
  readPairs,
  readTypeJoins,
  type ContextJoin,
  type FieldJoin,
  type TypeJoin,
} from './read-joins.js';

/** A field as one subgraph has it. */
export interface SubgraphField {
  /** GraphQL text: `[T!]!`. */
  readonly type: string;
  readonly requires: readonly SelectionNode[];
  readonly provides: readonly SelectionNode[];
  readonly isExternal: boolean;
  readonly contextArguments: readonly ContextJoin[];
}

/** What each subgraph of a supergraph knows. Subgraphs go by their names in the enum `join__Graph`. */
export interface SubgraphIndex {
  readonly graphs: readonly string[];
  /** Everything that fields require. */
  readonly requirements: readonly (readonly SelectionNode[])[];
  /** The names of the fields that require something. */
  readonly requiringFields: ReadonlySet<string>;
  /** The name that a plan calls the subgraph by. */
  serviceName(graph: string): string;
  isComposite(typeName: string): boolean;
  /** The object types of the whole supergraph that a type can be, hidden ones included. */
  possibleTypes(typeName: string): ReadonlySet<string>;
  interfacesOf(typeName: string): readonly string[];
  /** Whether the type is there, and an object there. */
  isObjectIn(typeName: string, graph: string): boolean;
  /** Whether the subgraph has an interface of the supergraph as an object. */
  isInterfaceObject(typeName: string, graph: string): boolean;
  /** The objects that a subgraph can give for a type, interfaces that it has as objects included. */
  membersIn(typeName: string, graph: string): readonly string[];
  /** The keys by which a subgraph finds the entity. */
  keysIn(typeName: string, graph: string): readonly (readonly SelectionNode[])[];
  /** GraphQL text, in the supergraph. */
  fieldType(typeName: string, fieldName: string): string | undefined;
  /** Whether any type has a field of the name. */
  hasField(fieldName: string): boolean;
  fieldIn(typeName: string, fieldName: string, graph: string): SubgraphField | undefined;
  /** The contexts that objects of a type set, those of its interfaces and unions included. */
  contextsOf(typeName: string): readonly string[];
}

interface TypeEntry {
  readonly name: string;
  readonly isObject: boolean;
  readonly isComposite: boolean;
  readonly joins: readonly TypeJoin[];
  readonly interfaces: readonly string[];
  readonly implemented: readonly { graph: string; value: string }[];
  readonly members: readonly { graph: string; value: string }[];
  readonly contexts: readonly string[];
  readonly fields: ReadonlyMap<string, { readonly type: string; readonly joins: readonly FieldJoin[] }>;
}

/**
 * Reads a supergraph; its directives have to be those of join 0.2 or later, as composition of Federation 2 writes them.
 *
 * @param roll which progressive overrides are in force; see `Planner.plan`
 */
export function indexSubgraphs(document: DocumentNode, roll = notRolledOut): SubgraphIndex {
  return atOnce(subgraphIndexPieces(document, roll));
}

/** As {@link indexSubgraphs}, a type at a time. */
export function* subgraphIndexPieces(document: DocumentNode, roll = notRolledOut): Pieces<SubgraphIndex> {
  const types = new Map<string, TypeEntry>();
  const fieldNames = new Set<string>();
  const requiringFields = new Set<string>();
  const requirements: (readonly SelectionNode[])[] = [];
  const names = new Map<string, string>();
  const contextDirective = readFeatureNames(document).directiveOf('context') ?? 'context';
  for (const definition of document.definitions) {
    if (definition.kind === Kind.ENUM_TYPE_DEFINITION && definition.name.value === 'join__Graph') {
      for (const value of definition.values ?? []) {
        const given = value.directives?.[0]?.arguments?.find(({ name }) => name.value === 'name')?.value;
        names.set(value.name.value, given?.kind === Kind.STRING ? given.value : value.name.value);
      }
    } else if ('name' in definition && definition.kind.endsWith('TypeDefinition')) {
      const type = readType(definition as TypeDefinitionNode, roll, contextDirective);
      types.set(type.name, type);
      for (const [name, { joins }] of type.fields) {
        fieldNames.add(name);
        requirements.push(...joins.map(({ requires }) => requires));
        if (joins.some(({ requires }) => requires.length > 0)) requiringFields.add(name);
      }
      yield;
    }
  }
  const possible = new Map<string, ReadonlySet<string>>();
  const members = new Map<string, readonly string[]>();

  function possibleTypes(typeName: string): ReadonlySet<string> {
    const known = possible.get(typeName);
    if (known !== undefined) return known;
    const entry = types.get(typeName);
    const found = new Set(entry?.isObject === true ? [typeName] : entry?.members.map(({ value }) => value));
    for (const type of types.values()) if (type.isObject && type.interfaces.includes(typeName)) found.add(type.name);
    possible.set(typeName, found);
    return found;
  }

  function isInterfaceObject(typeName: string, graph: string): boolean {
    return types.get(typeName)?.joins.some((join) => join.graph === graph && join.isInterfaceObject) === true;
  }

  function isObjectIn(typeName: string, graph: string): boolean {
    const entry = types.get(typeName);
    const isThere = entry?.joins.some((join) => join.graph === graph) === true;
    return isThere && (entry?.isObject === true || isInterfaceObject(typeName, graph));
  }

  function findMembers(typeName: string, graph: string): string[] {
    if (isObjectIn(typeName, graph)) return [typeName];
    const listed = types.get(typeName)?.members.filter((member) => member.graph === graph) ?? [];
    const implementing = [...types.values()].filter(
      ({ name, implemented }) =>
        isObjectIn(name, graph) && implemented.some((one) => one.graph === graph && one.value === typeName),
    );
    return [...listed.map(({ value }) => value), ...implementing.map(({ name }) => name)];
  }

  return {
    graphs: [...names.keys()],
    requiringFields,
    requirements,
    serviceName: (graph) => names.get(graph) ?? graph,
    isComposite: (typeName) => types.get(typeName)?.isComposite === true,
    possibleTypes,
    interfacesOf: (typeName) => types.get(typeName)?.interfaces ?? [],
    isObjectIn,
    isInterfaceObject,
    membersIn(typeName, graph) {
      const name = `${graph} ${typeName}`;
      const found = members.get(name) ?? findMembers(typeName, graph);
      members.set(name, found);
      return found;
    },
    keysIn: (typeName, graph) =>
      (types.get(typeName)?.joins ?? []).flatMap(({ key, ...join }) =>
        join.graph === graph && join.isResolvable && key !== undefined ? [key] : [],
      ),
    fieldIn(typeName, fieldName, graph) {
      const entry = types.get(typeName);
      const field = entry?.fields.get(fieldName);
      if (entry === undefined || field === undefined || !entry.joins.some((join) => join.graph === graph))
        return undefined;
      if (field.joins.length === 0) return { ...plainField, type: field.type };
      const join = field.joins.find((candidate) => candidate.graph === graph);
      return join === undefined ? undefined : { ...join, type: join.type ?? field.type };
    },
    fieldType: (typeName, fieldName) => types.get(typeName)?.fields.get(fieldName)?.type,
    hasField: (fieldName) => fieldNames.has(fieldName),
    contextsOf: (typeName) =>
      [...types.values()].flatMap(({ name, contexts }) =>
        contexts.length > 0 && (name === typeName || possibleTypes(name).has(typeName)) ? contexts : [],
      ),
  };
}

const plainField: Omit<SubgraphField, 'type'> = {
  requires: [],
  provides: [],
  isExternal: false,
  contextArguments: [],
};

function readType(node: TypeDefinitionNode, roll: number, contextDirective: string): TypeEntry {
  const fields =
    node.kind === Kind.OBJECT_TYPE_DEFINITION || node.kind === Kind.INTERFACE_TYPE_DEFINITION ? node.fields : undefined;
  return {
    name: node.name.value,
    isObject: node.kind === Kind.OBJECT_TYPE_DEFINITION,
    isComposite: fields !== undefined || node.kind === Kind.UNION_TYPE_DEFINITION,
    joins: readTypeJoins(node),
    interfaces: 'interfaces' in node ? (node.interfaces?.map(({ name }) => name.value) ?? []) : [],
    implemented: readPairs(node, 'join__implements', 'interface'),
    members: readPairs(node, 'join__unionMember', 'member'),
    contexts: readContexts(node, contextDirective),
    fields: new Map(
      fields?.map((field) => [field.name.value, { type: print(field.type), joins: readFieldJoins(field, roll) }]),
    ),
  };
}
