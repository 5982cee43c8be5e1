import { type Connection, PageArgumentsType, PagedCost, toConnection } from '@tessera/service/graphql';
import { Arg, Args, Ctx, ID, Mutation, Query, Resolver } from 'type-graphql';
import type { AnalyticsContext } from '../context.js';
import { CreateAlertRuleInput, UpdateAlertRuleInput } from './alert-rule-input.type.js';
import { AlertRuleConnection, AlertRuleType, toAlertRuleType } from './alert-rule.type.js';

@Resolver(() => AlertRuleType)
export class AlertRuleResolver {
  @Query(() => AlertRuleType, { nullable: true, description: 'A rule of the active tenant.' })
  async alertRule(@Ctx() context: AnalyticsContext, @Arg('id', () => ID) id: string): Promise<AlertRuleType> {
    return toAlertRuleType(await context.services.alertRules.find(context, id));
  }

  @PagedCost()
  @Query(() => AlertRuleConnection, { description: 'The active tenant’s rules, the newest first.' })
  async alertRules(
    @Ctx() context: AnalyticsContext,
    @Args(() => PageArgumentsType) page: PageArgumentsType,
  ): Promise<Connection<AlertRuleType>> {
    return toConnection(await context.services.alertRules.list(context, page), toAlertRuleType);
  }

  @Mutation(() => AlertRuleType, { description: 'Creates a rule in the active tenant; it is evaluated every second.' })
  async createAlertRule(
    @Ctx() context: AnalyticsContext,
    @Arg('input', () => CreateAlertRuleInput) input: CreateAlertRuleInput,
  ): Promise<AlertRuleType> {
    return toAlertRuleType(await context.services.alertRules.create(context, input));
  }

  @Mutation(() => AlertRuleType, { description: 'Changes a rule of the active tenant.' })
  async updateAlertRule(
    @Ctx() context: AnalyticsContext,
    @Arg('input', () => UpdateAlertRuleInput) input: UpdateAlertRuleInput,
  ): Promise<AlertRuleType> {
    return toAlertRuleType(await context.services.alertRules.update(context, input));
  }

  @Mutation(() => AlertRuleType, { description: 'Deletes a rule of the active tenant; its open alert is resolved.' })
  async deleteAlertRule(@Ctx() context: AnalyticsContext, @Arg('id', () => ID) id: string): Promise<AlertRuleType> {
    return toAlertRuleType(await context.services.alertRules.delete(context, id));
  }
}
