import { ListCost } from '@tessera/service/graphql';
import { requirePermission } from '@tessera/service/identity';
import { Arg, Ctx, FieldResolver, Int, Resolver, Root } from 'type-graphql';
import type { AnalyticsContext } from '../context.js';
import { TenantType } from '../references/tenant.type.js';
import { TenantUsageType, toTenantUsageType } from './tenant-usage.type.js';
import { UsageDayType } from './usage-meter.type.js';

@Resolver(() => TenantType)
export class TenantUsageResolver {
  @FieldResolver(() => TenantUsageType, {
    nullable: true,
    description: 'What it used this month; null unless this is the active tenant.',
  })
  async usage(
    @Root() { id }: TenantType,
    @Ctx() { principal, loaders }: AnalyticsContext,
  ): Promise<TenantUsageType | null> {
    if (id !== principal.tenantId) return null;
    requirePermission(principal, 'metrics:read');
    return toTenantUsageType(await loaders.usageByTenant.load(id));
  }

  @ListCost(30)
  @FieldResolver(() => [UsageDayType], {
    nullable: true,
    description: 'What it used day by day, today first; null unless this is the active tenant.',
  })
  async usageHistory(
    @Root() { id }: TenantType,
    @Ctx() context: AnalyticsContext,
    @Arg('days', () => Int, { defaultValue: 30, description: 'How many, at most 400.' }) days: number,
  ): Promise<UsageDayType[] | null> {
    if (id !== context.principal.tenantId) return null;
    const history = await context.services.usageHistory.list(context, days);
    return history.map((day) => Object.assign(new UsageDayType(), day));
  }
}
