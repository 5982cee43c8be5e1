import { Field, Int, ObjectType } from 'type-graphql';

@ObjectType('MemberActivity', {
  description: 'When a person was active in the active tenant: called the API, or held a connection open.',
})
export class MemberActivityType {
  @Field(() => Date, { description: 'When last, to five minutes.' })
  lastActiveAt!: Date;

  @Field(() => Int, { description: 'On how many of the last 30 days, in UTC and today included.' })
  activeDays!: number;
}
