import { GraphQLSafeInt, ListCost } from '@tessera/service/graphql';
import { Field, Int, ObjectType } from 'type-graphql';
import type { MemberDay } from './member-days.js';

@ObjectType('MemberDay', { description: 'What a person did in the active tenant on one day.' })
export class MemberDayType implements MemberDay {
  @Field(() => String, { description: 'In UTC, as `2026-11-21`.' })
  day!: string;

  @Field(() => GraphQLSafeInt, {
    description: 'Requests to the API by them and by keys of theirs, told once a minute.',
  })
  apiCalls!: number;
}

@ObjectType('MemberActivity', {
  description: 'When a person was active in the active tenant: called the API, or held a connection open.',
})
export class MemberActivityType {
  @Field(() => Date, { description: 'When last, to five minutes.' })
  lastActiveAt!: Date;

  @Field(() => Int, { description: 'On how many of the last 30 days, in UTC and today included.' })
  activeDays!: number;

  @ListCost(30)
  @Field(() => [MemberDayType], { description: 'Those days, the last one first.' })
  days!: readonly MemberDay[];
}
