import { GraphQLSafeInt } from '@tessera/service/graphql';
import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import type { Plan } from './plan.js';

@ObjectType('PlanLimits', { description: 'What a plan limits; null where it does not.' })
export class PlanLimitsType {
  @Field(() => Int, { nullable: true, description: 'Members of a tenant.' })
  seats!: number | null;

  @Field(() => Int, { nullable: true, description: 'Invitations that wait to be accepted.' })
  openInvitations!: number | null;

  @Field(() => Int, { nullable: true, description: 'Groups of members.' })
  groups!: number | null;

  @Field(() => Int, { nullable: true, description: 'Verified e-mail domains.' })
  domains!: number | null;

  @Field(() => GraphQLSafeInt, { nullable: true, description: 'Operations through the API, in a calendar month.' })
  apiCallsPerMonth!: number | null;

  @Field(() => GraphQLSafeInt, { nullable: true, description: 'Different people, in a calendar month.' })
  activeUsersPerMonth!: number | null;

  @Field(() => GraphQLSafeInt, { nullable: true, description: 'Tracked events, in a calendar month.' })
  eventsPerMonth!: number | null;

  @Field(() => GraphQLSafeInt, { nullable: true, description: 'Bytes of files; null: what the platform gives to all.' })
  storageBytes!: number | null;
}

@ObjectType('Price', { description: 'An amount of money.' })
export class PriceType {
  @Field(() => Int, { description: 'In the smallest unit of the currency: cents of a dollar.' })
  amount!: number;

  @Field(() => String, { description: 'ISO 4217, e.g. `USD`.' })
  currency!: string;
}

@ObjectType('Plan', { description: 'What a tenant may use, and how much of it.' })
export class PlanType {
  @Field(() => ID, { description: 'What `Tenant.plan` names.' })
  id!: string;

  @Field(() => String, { description: 'Name for people.' })
  name!: string;

  @Field(() => PlanLimitsType, { description: 'How much of it.' })
  limits!: PlanLimitsType;

  @Field(() => [String], { description: 'What it has and others may not have.' })
  features!: readonly string[];

  @Field(() => PriceType, { nullable: true, description: 'What a month of it costs; null where it is not for sale.' })
  monthlyPrice!: PriceType | null;
}

@InputType({ description: 'Which tenant gets which plan.' })
export class ChangePlanInput {
  @Field(() => ID, { description: 'The tenant.' })
  tenantId!: string;

  @Field(() => String, { description: 'Id of a plan that `plans` lists.' })
  plan!: string;
}

export function toPlanType({ id, name, limits, features, monthlyPrice }: Plan): PlanType {
  return Object.assign(new PlanType(), {
    id,
    name,
    features,
    limits: Object.assign(new PlanLimitsType(), limits),
    monthlyPrice: monthlyPrice && Object.assign(new PriceType(), monthlyPrice),
  });
}
