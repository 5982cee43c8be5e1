import { GraphQLSafeInt } from '@tessera/service/graphql';
import { Field, ObjectType, registerEnumType } from 'type-graphql';

export enum UsageMeterKind {
  API_CALLS = 'API_CALLS',
  ACTIVE_USERS = 'ACTIVE_USERS',
  EVENTS = 'EVENTS',
}

registerEnumType(UsageMeterKind, {
  name: 'UsageMeterKind',
  description: 'What is counted by the month; `Tenant.storageUsage` has what is stored.',
  valuesConfig: {
    API_CALLS: { description: 'Operations through the API. None are answered once they are used up.' },
    ACTIVE_USERS: { description: 'Different people. More are let in, and warned of.' },
    EVENTS: { description: 'Tracked events. None are stored beyond the limit.' },
  },
});

@ObjectType('UsageMeter', { description: 'How much of one thing a tenant used, and may use.' })
export class UsageMeterType {
  @Field(() => UsageMeterKind, { description: 'What is counted.' })
  meter!: UsageMeterKind;

  @Field(() => GraphQLSafeInt, { description: 'How much was used in this calendar month, in UTC.' })
  used!: number;

  @Field(() => GraphQLSafeInt, {
    nullable: true,
    description: 'How much its plan allows; null where it does not limit it.',
  })
  limit!: number | null;

  @Field(() => Date, { description: 'When counting begins at zero again.' })
  resetsAt!: Date;
}

@ObjectType('UsageDay', { description: 'What a tenant used in one day, in UTC.' })
export class UsageDayType {
  @Field(() => String, { description: 'The day, as `2026-11-21`.' })
  day!: string;

  @Field(() => GraphQLSafeInt, { description: 'Operations through the API.' })
  apiCalls!: number;

  @Field(() => GraphQLSafeInt, { description: 'Operations that failed.' })
  apiErrors!: number;

  @Field(() => GraphQLSafeInt, { description: 'Tracked events.' })
  events!: number;
}
