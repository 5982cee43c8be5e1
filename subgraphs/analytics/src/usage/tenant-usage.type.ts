import { GraphQLSafeInt } from '@tessera/service/graphql';
import { Field, Int, ObjectType } from 'type-graphql';

@ObjectType('TenantUsage', { description: 'What a tenant used in this calendar month, in UTC.' })
export class TenantUsageType {
  @Field(() => GraphQLSafeInt, { description: 'Requests to the API.' })
  apiCalls!: number;

  @Field(() => GraphQLSafeInt, { description: 'Requests to the API that failed.' })
  apiErrors!: number;

  @Field(() => GraphQLSafeInt, { description: 'Tracked events.' })
  events!: number;

  @Field(() => Int, { description: 'Different people who called the API or tracked events.' })
  activeUsers!: number;
}
