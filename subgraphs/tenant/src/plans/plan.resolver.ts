import { ListCost } from '@tessera/service/graphql';
import { Arg, Ctx, FieldResolver, Mutation, Query, Resolver, Root } from 'type-graphql';
import type { TenantContext } from '../context.js';
import { TenantType, toTenantType } from '../tenants/tenant.type.js';
import { ChangePlanInput, PlanLimitsType, PlanType, toPlanType } from './plan.type.js';

@Resolver(() => TenantType)
export class PlanResolver {
  @ListCost(5)
  @Query(() => [PlanType], { description: 'The plans that a tenant can have, the one that it begins with first.' })
  plans(@Ctx() { services }: TenantContext): PlanType[] {
    return services.plans.catalogue.all.map(toPlanType);
  }

  @Mutation(() => TenantType, { description: 'Gives a tenant another plan. For platform administrators.' })
  async changePlan(
    @Ctx() context: TenantContext,
    @Arg('input', () => ChangePlanInput) input: ChangePlanInput,
  ): Promise<TenantType> {
    return toTenantType(await context.services.plans.change(context, input));
  }

  @FieldResolver(() => [String], { description: 'What its plan has and others may not have.' })
  features(@Root() { plan }: TenantType, @Ctx() { services }: TenantContext): readonly string[] {
    return services.plans.catalogue.planOf(plan).features;
  }

  @FieldResolver(() => PlanLimitsType, { description: 'How much its plan allows.' })
  limits(@Root() { plan }: TenantType, @Ctx() { services }: TenantContext): PlanLimitsType {
    return toPlanType(services.plans.catalogue.planOf(plan)).limits;
  }
}
