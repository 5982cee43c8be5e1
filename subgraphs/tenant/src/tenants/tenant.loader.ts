import { isId } from '@tessera/service/database';
import type { DataScope } from '@tessera/service/tenancy';
import DataLoader from 'dataloader';
import { TenantEntity } from './tenant.entity.js';

/** Tenants by id, as far as the caller may see them; one query for all that a request asks for. */
export function createTenantLoader(scope: DataScope): DataLoader<string, TenantEntity | null> {
  return new DataLoader(async (ids) => {
    const wellFormed = ids.filter(isId);
    const tenants = await scope.read((entityManager) => entityManager.find(TenantEntity, { id: { $in: wellFormed } }));
    const byId = new Map(tenants.map((tenant) => [tenant.id, tenant]));
    return ids.map((id) => byId.get(id) ?? null);
  });
}
