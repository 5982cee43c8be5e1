import { ChangeType, type Change } from '@graphql-inspector/core';
import {
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isRequiredArgument,
  isRequiredInputField,
  type GraphQLSchema,
} from 'graphql';
import { z } from 'zod';

/** A schema before and after a change. */
export interface SchemaPair {
  readonly before: GraphQLSchema;
  readonly after: GraphQLSchema;
}

/**
 * Says whom a breaking change breaks: whose operations need all of these coordinates.
 *
 * @returns undefined for a change of which that cannot be told
 */
export function affectedCoordinates(change: Change, { before, after }: SchemaPair): readonly string[] | undefined {
  const path = change.path ?? '';
  const [typeName = '', fieldName = '', argumentName = ''] = path.split('.');
  const field = `${typeName}.${fieldName}`;
  switch (change.type) {
    case ChangeType.TypeRemoved:
    case ChangeType.TypeKindChanged:
    case ChangeType.FieldRemoved:
    case ChangeType.FieldTypeChanged:
    case ChangeType.InputFieldRemoved:
    case ChangeType.EnumValueRemoved:
    case ChangeType.DirectiveRemoved:
    case ChangeType.DirectiveLocationRemoved:
    case ChangeType.DirectiveRepeatableRemoved:
      return [path];
    case ChangeType.InputFieldAdded:
      return [typeName];
    case ChangeType.InputFieldTypeChanged:
      // Who leaves out what must be given now breaks too.
      return isRequiredField(after, typeName, fieldName) && !isRequiredField(before, typeName, fieldName)
        ? [typeName]
        : [field];
    case ChangeType.FieldArgumentAdded:
      return [field];
    case ChangeType.FieldArgumentRemoved:
      return [`${field}(${argumentName}:)`];
    case ChangeType.FieldArgumentTypeChanged: {
      const names = [typeName, fieldName, argumentName] as const;
      return isRequiredGiven(after, ...names) && !isRequiredGiven(before, ...names)
        ? [field]
        : [`${field}(${argumentName}:)`];
    }
    case ChangeType.DirectiveArgumentAdded:
    case ChangeType.DirectiveArgumentTypeChanged:
      return [path.split('.')[0] ?? path];
    case ChangeType.DirectiveArgumentRemoved:
      return [`${typeName}(${fieldName}:)`];
    case ChangeType.UnionMemberRemoved:
      return [
        typeName,
        z.object({ removedUnionMemberTypeName: z.string() }).parse(change.meta).removedUnionMemberTypeName,
      ];
    case ChangeType.ObjectTypeInterfaceRemoved:
      return [typeName, z.object({ removedInterfaceName: z.string() }).parse(change.meta).removedInterfaceName];
    case ChangeType.SchemaQueryTypeChanged:
      return rootOf(before.getQueryType()?.name);
    case ChangeType.SchemaMutationTypeChanged:
      return rootOf(before.getMutationType()?.name);
    case ChangeType.SchemaSubscriptionTypeChanged:
      return rootOf(before.getSubscriptionType()?.name);
    default:
      return undefined;
  }
}

const rootOf = (name: string | undefined): readonly string[] | undefined => (name === undefined ? undefined : [name]);

function isRequiredField(schema: GraphQLSchema, typeName: string, fieldName: string): boolean {
  const type = schema.getType(typeName);
  const field = isInputObjectType(type) ? type.getFields()[fieldName] : undefined;
  return field !== undefined && isRequiredInputField(field);
}

function isRequiredGiven(schema: GraphQLSchema, typeName: string, fieldName: string, argumentName: string): boolean {
  const type = schema.getType(typeName);
  const field = isObjectType(type) || isInterfaceType(type) ? type.getFields()[fieldName] : undefined;
  const argument = field?.args.find(({ name }) => name === argumentName);
  return argument !== undefined && isRequiredArgument(argument);
}
