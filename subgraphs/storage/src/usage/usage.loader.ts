import type { DataScope } from '@tessera/service/tenancy';
import DataLoader from 'dataloader';
import { UsageEntity } from './usage.entity.js';

/** Usage by tenant; null for a tenant that has not stored anything yet, and for all but the active one. */
export function createUsageLoader(scope: DataScope): DataLoader<string, UsageEntity | null> {
  return new DataLoader(async (tenantIds) => {
    const usages = await scope.read((entityManager) =>
      entityManager.find(UsageEntity, { tenantId: { $in: [...tenantIds] } }),
    );
    const byTenant = new Map(usages.map((usage) => [usage.tenantId, usage]));
    return tenantIds.map((tenantId) => byTenant.get(tenantId) ?? null);
  });
}
