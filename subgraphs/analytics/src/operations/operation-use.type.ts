import { connectionType, GraphQLSafeInt, PageArgumentsType } from '@tessera/service/graphql';
import { ArgsType, Field, ID, Int, ObjectType } from 'type-graphql';
import type { OperationUsageRow } from './operation-use-store.js';

@ObjectType('OperationUsage', { description: 'How often one version of a client used one operation.' })
export class OperationUsageType {
  @Field(() => String, { description: 'Name that the client sent; `unknown` where it sent none.' })
  clientName!: string;

  @Field(() => String, { description: 'Version that the client sent; `unknown` where it sent none.' })
  clientVersion!: string;

  @Field(() => ID, { description: 'Its id; of what is not registered, the id asked for or the SHA-256 of the text.' })
  operationId!: string;

  @Field(() => String, { description: 'Name of the operation; `anonymous` where it has none.' })
  operationName!: string;

  @Field(() => Boolean, { description: 'Whether it was registered when it was used.' })
  isListed!: boolean;

  @Field(() => GraphQLSafeInt, { description: 'Requests, those that were refused included.' })
  uses!: number;

  @Field(() => Date, { description: 'When gateways last reported a use.' })
  lastUsedAt!: Date;
}

export const OperationUsageConnection = connectionType('OperationUsage', OperationUsageType);

@ArgsType()
export class OperationUsageArguments extends PageArgumentsType {
  @Field(() => String, { nullable: true, description: 'Only of this client.' })
  clientName?: string;

  @Field(() => String, { nullable: true, description: 'Only of this version.' })
  clientVersion?: string;

  @Field(() => Boolean, { nullable: true, description: 'Only what was registered, or only what was not.' })
  isListed?: boolean;

  @Field(() => Int, { defaultValue: 30, description: 'How many days are summed up, today included: 1 to 400.' })
  days!: number;
}

export function toOperationUsageType(row: OperationUsageRow): OperationUsageType {
  return Object.assign(new OperationUsageType(), {
    clientName: row.client_name,
    clientVersion: row.client_version,
    operationId: row.operation_id,
    operationName: row.operation_name,
    isListed: row.is_listed,
    uses: row.uses,
    lastUsedAt: new Date(row.last_used_seconds * 1_000),
  });
}
