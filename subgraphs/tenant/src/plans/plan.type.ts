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
}

@InputType({ description: 'Which tenant gets which plan.' })
export class ChangePlanInput {
  @Field(() => ID, { description: 'The tenant.' })
  tenantId!: string;

  @Field(() => String, { description: 'Id of a plan that `plans` lists.' })
  plan!: string;
}

export function toPlanType({ id, name, limits, features }: Plan): PlanType {
  return Object.assign(new PlanType(), { id, name, features, limits: Object.assign(new PlanLimitsType(), limits) });
}
