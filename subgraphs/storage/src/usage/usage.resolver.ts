import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import type { StorageContext } from '../context.js';
import { TenantType } from '../references/tenant.type.js';
import { StorageUsageType } from './usage.type.js';

@Resolver(() => TenantType)
export class UsageResolver {
  @FieldResolver(() => StorageUsageType, {
    nullable: true,
    description: 'How much it stores; null unless this is the active tenant.',
  })
  async storageUsage(
    @Root() { id }: TenantType,
    @Ctx() { principal, loaders, defaultQuotaBytes }: StorageContext,
  ): Promise<StorageUsageType | null> {
    if (id !== principal.tenantId) return null;
    const usage = await loaders.usageByTenant.load(id);
    return Object.assign(new StorageUsageType(), {
      bytes: usage?.bytes ?? 0,
      files: usage?.files ?? 0,
      quotaBytes: usage?.quotaBytes ?? usage?.planQuotaBytes ?? defaultQuotaBytes,
    });
  }
}
