import { requirePermission } from '@tessera/service/identity';
import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import type { AnalyticsContext } from '../context.js';
import { TenantType } from '../references/tenant.type.js';
import { TenantUsageType } from './tenant-usage.type.js';

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
    return loaders.usageByTenant.load(id);
  }
}
