import { GraphQLSafeInt } from '@tessera/service/graphql';
import { Field, ObjectType } from 'type-graphql';

@ObjectType('StorageUsage', { description: 'How much a tenant stores.' })
export class StorageUsageType {
  @Field(() => GraphQLSafeInt, { description: 'Bytes of all files, those that are being uploaded included.' })
  bytes!: number;

  @Field(() => GraphQLSafeInt, { description: 'Number of files, those that are being uploaded included.' })
  files!: number;

  @Field(() => GraphQLSafeInt, { description: 'How many bytes it may store.' })
  quotaBytes!: number;
}
