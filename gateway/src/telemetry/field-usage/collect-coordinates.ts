import {
  getNamedType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isSpecifiedDirective,
  isSpecifiedScalarType,
  isUnionType,
  typeFromAST,
  type ConstDirectiveNode,
  type DirectiveNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLArgument,
  type GraphQLNamedType,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type ValueNode,
} from 'graphql';

/** Collects the coordinates of operations, which have been validated. */
export type CollectCoordinates = (document: DocumentNode, operation: OperationDefinitionNode) => readonly string[];

/**
 * Finds out what of a schema operations need, as schema coordinates: fields, the arguments given, enum values and input
 * fields written in the text, directives, and every type that is named or led through. What a variable may carry counts
 * as used: all fields of its input type, and of those below. Introspection is no use of anything.
 *
 * Equal coordinates are one string, however many operations have them.
 */
export function createCoordinateCollector(schema: GraphQLSchema): CollectCoordinates {
  const interned = new Map<string, string>();
  return (document, operation) => {
    const collection = new Collection(schema, document);
    collection.addOperation(operation);
    return [...collection.found].map((coordinate) => {
      const known = interned.get(coordinate);
      if (known === undefined) interned.set(coordinate, coordinate);
      return known ?? coordinate;
    });
  };
}

/** What one operation was found to need so far. */
class Collection {
  readonly found = new Set<string>();
  readonly #fragments = new Map<string, FragmentDefinitionNode>();
  readonly #carried = new Set<GraphQLNamedType>();

  constructor(
    private readonly schema: GraphQLSchema,
    { definitions }: DocumentNode,
  ) {
    for (const definition of definitions) {
      if (definition.kind === 'FragmentDefinition') this.#fragments.set(definition.name.value, definition);
    }
  }

  addOperation({ operation, variableDefinitions = [], directives, selectionSet }: OperationDefinitionNode): void {
    for (const { type, directives: ofVariable } of variableDefinitions) {
      const named = this.schema.getType(namedTypeOf(type));
      if (named !== undefined) this.#addCarried(named);
      this.#addDirectives(ofVariable);
    }
    this.#addDirectives(directives);
    const root = this.schema.getRootType(operation);
    if (root !== null && root !== undefined) this.#addSelections(root, selectionSet);
  }

  #addSelections(parent: GraphQLNamedType, { selections }: SelectionSetNode): void {
    this.#addType(parent);
    for (const selection of selections) {
      this.#addDirectives(selection.directives);
      if (selection.kind === 'Field') {
        this.#addField(parent, selection);
      } else if (selection.kind === 'FragmentSpread') {
        this.#addFragment(selection.name.value);
      } else {
        const { typeCondition, selectionSet } = selection;
        const type = typeCondition === undefined ? parent : typeFromAST(this.schema, typeCondition);
        if (type !== undefined) this.#addSelections(type, selectionSet);
      }
    }
  }

  /** Its type is its own, wherever it is spread, so once is enough. */
  #addFragment(name: string): void {
    const fragment = this.#fragments.get(name);
    if (fragment === undefined) return;
    this.#fragments.delete(name);
    this.#addDirectives(fragment.directives);
    const type = typeFromAST(this.schema, fragment.typeCondition);
    if (type !== undefined) this.#addSelections(type, fragment.selectionSet);
  }

  #addField(parent: GraphQLNamedType, { name: { value: name }, arguments: given, selectionSet }: FieldNode): void {
    if (name.startsWith('__') || !isCompositeType(parent) || isUnionType(parent)) return;
    const field = parent.getFields()[name];
    if (field === undefined) return;
    const coordinate = `${parent.name}.${name}`;
    this.found.add(coordinate);
    this.#addArguments(coordinate, field.args, given);
    const type = getNamedType(field.type);
    this.#addType(type);
    if (selectionSet !== undefined) this.#addSelections(type, selectionSet);
  }

  #addDirectives(directives: readonly (DirectiveNode | ConstDirectiveNode)[] = []): void {
    for (const { name, arguments: given } of directives) {
      const directive = this.schema.getDirective(name.value);
      if (directive === null || directive === undefined || isSpecifiedDirective(directive)) continue;
      this.found.add(`@${directive.name}`);
      this.#addArguments(`@${directive.name}`, directive.args, given);
    }
  }

  #addArguments(coordinate: string, defined: readonly GraphQLArgument[], given: FieldNode['arguments'] = []): void {
    for (const { name, value } of given) {
      this.found.add(`${coordinate}(${name.value}:)`);
      const argument = defined.find((candidate) => candidate.name === name.value);
      if (argument !== undefined) this.#addValue(getNamedType(argument.type), value);
    }
  }

  /** A value as it is written; what a variable in it carries is its definition's matter. */
  #addValue(type: GraphQLNamedType, value: ValueNode): void {
    this.#addType(type);
    if (value.kind === 'ListValue') {
      for (const item of value.values) this.#addValue(type, item);
    } else if (value.kind === 'EnumValue' && isEnumType(type)) {
      this.found.add(`${type.name}.${value.value}`);
    } else if (value.kind === 'ObjectValue' && isInputObjectType(type)) {
      for (const { name, value: inner } of value.fields) {
        this.found.add(`${type.name}.${name.value}`);
        const field = type.getFields()[name.value];
        if (field !== undefined) this.#addValue(getNamedType(field.type), inner);
      }
    }
  }

  /** Everything that a variable of a type may carry. Input types may contain themselves. */
  #addCarried(type: GraphQLNamedType): void {
    if (this.#carried.has(type)) return;
    this.#carried.add(type);
    this.#addType(type);
    if (isEnumType(type)) {
      for (const { name } of type.getValues()) this.found.add(`${type.name}.${name}`);
    }
    if (!isInputObjectType(type)) return;
    for (const { name, type: ofField } of Object.values(type.getFields())) {
      this.found.add(`${type.name}.${name}`);
      this.#addCarried(getNamedType(ofField));
    }
  }

  #addType(type: GraphQLNamedType): void {
    if (!isSpecifiedScalarType(type) && !type.name.startsWith('__')) this.found.add(type.name);
  }
}

type TypeNode = NonNullable<OperationDefinitionNode['variableDefinitions']>[number]['type'];

function namedTypeOf(type: TypeNode): string {
  return type.kind === 'NamedType' ? type.name.value : namedTypeOf(type.type);
}
