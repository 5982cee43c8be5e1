import {
  getNamedType,
  isAbstractType,
  isCompositeType,
  isInputObjectType,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLNamedType,
  type GraphQLSchema,
} from 'graphql';
import { readListSize, readWeight, type CostDirectiveNames, type ListSize } from './cost-directives.js';

type Field = GraphQLField<unknown, unknown>;

/** What things of one schema weigh: `@cost` where it stands, else 1 for an object and nothing for a leaf. */
export interface CostSchema {
  readonly schema: GraphQLSchema;
  readonly defaultListSize: number;
  /** The weight of each object (or leaf) that the field answers. */
  weightOfField(field: Field): number;
  /** The weight of each value of an argument or of a field of an input object. */
  weightOfInput(input: GraphQLArgument | GraphQLInputField): number;
  listSizeOf(field: Field): ListSize | undefined;
}

export interface CostSchemaOptions {
  /** Its `astNode`s carry the directives. */
  readonly schema: GraphQLSchema;
  readonly names: CostDirectiveNames;
  /** How many items a list is taken to have of which nothing is known. */
  readonly defaultListSize: number;
}

/** Reads weights and sizes when they are first asked for. */
export function createCostSchema({ schema, names, defaultListSize }: CostSchemaOptions): CostSchema {
  const weightOfType = remember((type: GraphQLNamedType): number => {
    const weight = readWeight(type.astNode?.directives, names);
    if (weight !== undefined) return weight;
    if (isAbstractType(type)) return Math.max(0, ...schema.getPossibleTypes(type).map(weightOfType));
    return isCompositeType(type) || isInputObjectType(type) ? 1 : 0;
  });
  return {
    schema,
    defaultListSize,
    weightOfField: remember(
      (field: Field) => readWeight(field.astNode?.directives, names) ?? weightOfType(getNamedType(field.type)),
    ),
    weightOfInput: remember(
      (input: GraphQLArgument | GraphQLInputField) =>
        readWeight(input.astNode?.directives, names) ?? weightOfType(getNamedType(input.type)),
    ),
    listSizeOf: remember((field: Field) => readListSize(field.astNode?.directives, names)),
  };
}

function remember<Key extends object, Value>(read: (key: Key) => Value): (key: Key) => Value {
  const known = new WeakMap<Key, { readonly value: Value }>();
  return (key) => {
    const found = known.get(key) ?? { value: read(key) };
    known.set(key, found);
    return found.value;
  };
}
