import type { DataScope } from '@tessera/service/tenancy';
import DataLoader from 'dataloader';
import { SecurityPolicyEntity } from './security-policy.entity.js';

/** Policies by tenant; null for one that has never set any. */
export function createSecurityPolicyLoader(scope: DataScope): DataLoader<string, SecurityPolicyEntity | null> {
  return new DataLoader(async (tenantIds) => {
    const policies = await scope.read((entityManager) =>
      entityManager.find(SecurityPolicyEntity, { tenantId: { $in: [...tenantIds] } }),
    );
    const byTenant = new Map(policies.map((policy) => [policy.tenantId, policy]));
    return tenantIds.map((tenantId) => byTenant.get(tenantId) ?? null);
  });
}
