import {
  getNamedType,
  GraphQLID,
  isInputObjectType,
  isObjectType,
  parse,
  TypeInfo,
  validate,
  valueFromASTUntyped,
  visit,
  visitWithTypeInfo,
  type GraphQLInputType,
  type GraphQLSchema,
} from 'graphql';
import type { Variables } from './field-case.js';

/** Coordinates (`Type.field`) of every field of every object type that clients can see. */
export function coordinatesOf(schema: GraphQLSchema): string[] {
  return Object.values(schema.getTypeMap())
    .filter(isObjectType)
    .filter(({ name }) => !name.startsWith('__'))
    .flatMap((type) => Object.keys(type.getFields()).map((field) => `${type.name}.${field}`));
}

/** Coordinates of the fields that an operation selects. @throws GraphQLError where it is not valid */
export function coordinatesIn(schema: GraphQLSchema, operation: string): string[] {
  const document = parse(operation);
  const [fault] = validate(schema, document);
  if (fault !== undefined) throw fault;
  const found: string[] = [];
  const types = new TypeInfo(schema);
  visit(
    document,
    visitWithTypeInfo(types, {
      Field: ({ name }) => void found.push(`${types.getParentType()?.name}.${name.value}`),
    }),
  );
  return found;
}

/** Coordinates of everything that takes an id: `Type.field(argument:)` and `InputType.field`. */
export function idCoordinatesOf(schema: GraphQLSchema): string[] {
  const takesId = ({ type }: { readonly type: GraphQLInputType }): boolean => getNamedType(type) === GraphQLID;
  return Object.values(schema.getTypeMap()).flatMap((type) => {
    if (isInputObjectType(type)) {
      return Object.values(type.getFields()).flatMap((field) => (takesId(field) ? [`${type.name}.${field.name}`] : []));
    }
    if (!isObjectType(type) || type.name.startsWith('__')) return [];
    return Object.values(type.getFields()).flatMap(({ name, args }) =>
      args.filter(takesId).map((argument) => `${type.name}.${name}(${argument.name}:)`),
    );
  });
}

/** Coordinates of the arguments and input fields that an operation sends something to. */
export function inputsIn(schema: GraphQLSchema, operation: string, variables: Variables): string[] {
  const found: string[] = [];
  const collect = (coordinate: string, type: GraphQLInputType | null | undefined, value: unknown): void => {
    if (value == null || type == null) return;
    found.push(coordinate);
    const named = getNamedType(type);
    if (!isInputObjectType(named)) return;
    for (const each of [value].flat()) {
      for (const [name, below] of Object.entries(Object(each))) {
        collect(`${named.name}.${name}`, named.getFields()[name]?.type, below);
      }
    }
  };
  const types = new TypeInfo(schema);
  visit(
    parse(operation),
    visitWithTypeInfo(types, {
      Argument: ({ value }) => {
        const [owner, field, argument] = [types.getParentType(), types.getFieldDef(), types.getArgument()];
        const coordinate = `${owner?.name}.${field?.name}(${argument?.name}:)`;
        collect(coordinate, argument?.type, valueFromASTUntyped(value, { ...variables }));
      },
    }),
  );
  return found;
}
