import { notFound } from '@tessera/service/errors';
import { type Connection, Delivery, PageArgumentsType, PagedCost, toConnection } from '@tessera/service/graphql';
import {
  Arg,
  Args,
  Ctx,
  FieldResolver,
  ID,
  Query,
  Resolver,
  Root,
  Subscription,
  type SubscribeResolverData,
} from 'type-graphql';
import { AlertRuleType, toAlertRuleType } from '../alert-rules/alert-rule.type.js';
import type { AnalyticsContext } from '../context.js';
import { TenantType, toTenantType } from '../references/tenant.type.js';
import type { AlertChange } from './alert-change.js';
import type { AlertStatus } from './alert.entity.js';
import { AlertConnection, AlertStatusEnum, AlertType, toAlertType } from './alert.type.js';

@Resolver(() => AlertType)
export class AlertResolver {
  @Query(() => AlertType, { nullable: true, description: 'An alert of the active tenant.' })
  async alert(@Ctx() context: AnalyticsContext, @Arg('id', () => ID) id: string): Promise<AlertType> {
    return toAlertType(await context.services.alerts.find(context, id));
  }

  @PagedCost()
  @Query(() => AlertConnection, { description: 'The active tenant’s alerts, the newest first.' })
  async alerts(
    @Ctx() context: AnalyticsContext,
    @Args(() => PageArgumentsType) page: PageArgumentsType,
    @Arg('status', () => AlertStatusEnum, { nullable: true, description: 'Only those in this state.' })
    status?: AlertStatus,
  ): Promise<Connection<AlertType>> {
    return toConnection(await context.services.alerts.list(context, status, page), toAlertType);
  }

  @Delivery({ sharedBy: 'tenant', whenBehind: 'close' })
  @Subscription(() => AlertType, {
    name: 'alerts',
    description:
      'Every change of state of the active tenant’s alerts, in order: each as the alert was then. Events have ids: who comes back with `lastEventId` misses none and gets none twice.',
    subscribe: ({ context }: SubscribeResolverData<unknown, object, AnalyticsContext>) =>
      context.services.alertStream.watch(context),
  })
  alertChanged(@Root() change: AlertChange): AlertType {
    return toAlertType(change);
  }

  @FieldResolver(() => AlertRuleType, { description: 'The rule that raised it.' })
  async rule(@Root() { ruleId }: AlertType, @Ctx() { loaders }: AnalyticsContext): Promise<AlertRuleType> {
    const rule = await loaders.alertRuleById.load(ruleId);
    if (rule === null) throw notFound('Alert rule');
    return toAlertRuleType(rule);
  }

  @FieldResolver(() => TenantType, { description: 'The tenant whose rule it is.' })
  tenant(@Root() { tenantId }: AlertType): TenantType {
    return toTenantType(tenantId);
  }
}
