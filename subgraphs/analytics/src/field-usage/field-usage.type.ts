import { connectionType, GraphQLSafeInt, PageArgumentsType } from '@tessera/service/graphql';
import { ArgsType, Field, ID, Int, ObjectType } from 'type-graphql';
import type { FieldUsageRow } from './read-field-usage.js';

@ObjectType('FieldUsage', {
  description: 'How often one version of a client ran one operation, and what of the schema that operation needs.',
})
export class FieldUsageType {
  @Field(() => String, {
    description:
      'Name that the client sent; `unknown` where it sent none, `other` for clients and operations that were too many to be told apart.',
  })
  clientName!: string;

  @Field(() => String, { description: 'Version that the client sent; `unknown` where it sent none.' })
  clientVersion!: string;

  @Field(() => ID, { description: "SHA-256 of the operation's text." })
  operationId!: string;

  @Field(() => String, { description: 'Name of the operation; `anonymous` where it has none.' })
  operationName!: string;

  @Field(() => [String], {
    description:
      'Schema coordinates of what it needs: `Type.field`, `Type.field(argument:)`, `Enum.VALUE`, `Input.field`, `@directive`, `Type`. What a variable may carry is among it.',
  })
  coordinates!: readonly string[];

  @Field(() => GraphQLSafeInt, { description: 'Requests that ran it.' })
  uses!: number;

  @Field(() => Date, { description: 'When gateways last reported a use.' })
  lastUsedAt!: Date;
}

export const FieldUsageConnection = connectionType('FieldUsage', FieldUsageType);

@ArgsType()
export class FieldUsageArguments extends PageArgumentsType {
  @Field(() => [String], {
    nullable: true,
    description: 'Only operations that need all of these schema coordinates, at most 20.',
  })
  coordinates?: readonly string[];

  @Field(() => String, { nullable: true, description: 'Only of this client.' })
  clientName?: string;

  @Field(() => String, { nullable: true, description: 'Only of this version.' })
  clientVersion?: string;

  @Field(() => Int, { defaultValue: 30, description: 'How many days are summed up, today included: 1 to 400.' })
  days!: number;
}

export function toFieldUsageType(row: FieldUsageRow): FieldUsageType {
  return Object.assign(new FieldUsageType(), {
    clientName: row.client_name,
    clientVersion: row.client_version,
    operationId: row.operation_id,
    operationName: row.operation_name,
    coordinates: row.coordinates,
    uses: row.uses,
    lastUsedAt: new Date(row.last_used_seconds * 1_000),
  });
}
