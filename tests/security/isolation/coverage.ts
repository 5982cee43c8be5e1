import { isObjectType, parse, TypeInfo, validate, visit, visitWithTypeInfo, type GraphQLSchema } from 'graphql';

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
