import type { DataScope } from '@tessera/service/tenancy';
import DataLoader from 'dataloader';
import { readMonthlyUsage, type MonthlyUsage } from './usage-store.js';

/** This month's usage by tenant, as far as the caller may see it; one query for all that a request asks for. */
export function createTenantUsageLoader(scope: DataScope): DataLoader<string, MonthlyUsage> {
  return new DataLoader(async (tenantIds) => {
    const usages = await readMonthlyUsage(scope, tenantIds);
    return tenantIds.map((tenantId) => usages.get(tenantId) ?? new Error(`No usage of tenant ${tenantId} was read`));
  });
}
