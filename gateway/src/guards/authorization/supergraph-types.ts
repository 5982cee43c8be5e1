import {
  isTypeDefinitionNode,
  Kind,
  parse,
  type ConstDirectiveNode,
  type ConstValueNode,
  type DocumentNode,
  type FieldDefinitionNode,
  type SelectionSetNode,
  type TypeNode,
} from 'graphql';
import { readLinkedDirectives } from './linked-directives.js';
import { readRules, type Rules } from './rules.js';

/** What a field needs from others to be answered: a `@requires`, or a `@fromContext`. */
export interface NeededSelection {
  readonly typeName: string;
  readonly selectionSet: SelectionSetNode;
}

/** Who may have a field, and what it shows of others. */
export interface GuardedField {
  readonly typeName: string;
  readonly rules: Rules;
  readonly needs: readonly NeededSelection[];
  /** Interfaces that the field comes from: an `@interfaceObject` has it for all implementations. */
  readonly interfaces: readonly string[];
}

/** Who may have a type, and what can stand in its place. */
export interface GuardedType {
  readonly rules: Rules;
  readonly fields: ReadonlyMap<string, GuardedField>;
  /** Object types that something of this type can be; its own name for an object type. */
  readonly possibleTypes: ReadonlySet<string>;
  readonly isAbstract: boolean;
}

/** By name, all types of a supergraph, hidden ones too. */
export type GuardedTypes = ReadonlyMap<string, GuardedType>;

/** Reads the types of a supergraph, hidden ones too, with the rules that the auth directives set on them. */
export function readGuardedTypes(document: DocumentNode): GuardedTypes {
  const names = readLinkedDirectives(document);
  const definitions = document.definitions.filter(isTypeDefinitionNode);
  const possibleTypes = readPossibleTypes(document);
  const contexts = new Map<string, string[]>();
  for (const { name: typeName, directives = [] } of definitions) {
    for (const { name, arguments: given } of directives) {
      const context = names.context.has(name.value) ? textOf(given?.[0]?.value) : undefined;
      if (context !== undefined) contexts.set(context, [...(contexts.get(context) ?? []), typeName.value]);
    }
  }

  const needsOf = (typeName: string, { directives = [] }: FieldDefinitionNode): NeededSelection[] =>
    directives.flatMap((directive) => {
      if (directive.name.value !== 'join__field') return [];
      const values = argumentsOf(directive);
      const requires = textOf(values.get('requires'));
      const own = requires === undefined ? [] : [{ typeName, selectionSet: parseSelection(requires) }];
      return [...own, ...contextNeeds(values.get('contextArguments'), contexts)];
    });

  const types = new Map<string, GuardedType>();
  for (const definition of definitions) {
    const { value: name } = definition.name;
    const isComposite =
      definition.kind === Kind.OBJECT_TYPE_DEFINITION || definition.kind === Kind.INTERFACE_TYPE_DEFINITION;
    const { fields = [], interfaces = [] } = isComposite ? definition : {};
    const interfaceNames = interfaces.map((type) => type.name.value);
    types.set(name, {
      rules: readRules(definition.directives, names),
      fields: new Map(
        fields.map((field) => [
          field.name.value,
          {
            typeName: namedTypeOf(field.type),
            rules: readRules(field.directives, names),
            needs: needsOf(name, field),
            interfaces: isFromInterface(field) ? interfaceNames : [],
          },
        ]),
      ),
      possibleTypes: possibleTypes.get(name) ?? new Set([name]),
      isAbstract: possibleTypes.has(name),
    });
  }
  return types;
}

function readPossibleTypes(document: DocumentNode): ReadonlyMap<string, ReadonlySet<string>> {
  const possible = new Map<string, Set<string>>();
  const setOf = (name: string): Set<string> => {
    const found = possible.get(name) ?? new Set();
    possible.set(name, found);
    return found;
  };
  for (const definition of document.definitions) {
    if (definition.kind === Kind.INTERFACE_TYPE_DEFINITION) setOf(definition.name.value);
    if (definition.kind === Kind.UNION_TYPE_DEFINITION) {
      for (const member of definition.types ?? []) setOf(definition.name.value).add(member.name.value);
    }
    if (definition.kind === Kind.OBJECT_TYPE_DEFINITION) {
      for (const { name } of definition.interfaces ?? []) setOf(name.value).add(definition.name.value);
    }
  }
  return possible;
}

/** No subgraph has such a field for the type itself, which composition says by a `@join__field` without a graph. */
function isFromInterface({ directives = [] }: FieldDefinitionNode): boolean {
  return directives.some((directive) => directive.name.value === 'join__field' && !argumentsOf(directive).has('graph'));
}

/** `contextArguments: [{ context: "a__user", selection: " { email }" }]`, for every type that sets that context. */
function contextNeeds(
  value: ConstValueNode | undefined,
  contexts: ReadonlyMap<string, readonly string[]>,
): NeededSelection[] {
  if (value?.kind !== Kind.LIST) return [];
  return value.values.flatMap((item) => {
    if (item.kind !== Kind.OBJECT) return [];
    const fields = new Map(item.fields.map(({ name, value: field }) => [name.value, field]));
    const selection = textOf(fields.get('selection'));
    const types = contexts.get(textOf(fields.get('context')) ?? '') ?? [];
    if (selection === undefined) return [];
    return types.map((typeName) => ({ typeName, selectionSet: parseSelection(selection) }));
  });
}

/** Field sets stand without braces, selections from a context mostly with them. */
function parseSelection(text: string): SelectionSetNode {
  const [definition] = parse(text.trim().startsWith('{') ? text : `{${text}}`, { noLocation: true }).definitions;
  if (definition?.kind !== Kind.OPERATION_DEFINITION) throw new TypeError('A field set is not a selection');
  return definition.selectionSet;
}

function argumentsOf({ arguments: given }: ConstDirectiveNode): ReadonlyMap<string, ConstValueNode> {
  return new Map(given?.map(({ name, value }) => [name.value, value]));
}

function namedTypeOf(type: TypeNode): string {
  return type.kind === Kind.NAMED_TYPE ? type.name.value : namedTypeOf(type.type);
}

function textOf(value: ConstValueNode | undefined): string | undefined {
  return value?.kind === Kind.STRING ? value.value : undefined;
}
