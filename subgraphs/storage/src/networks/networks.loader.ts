import type { DataScope } from '@tessera/service/tenancy';
import DataLoader from 'dataloader';
import { readNetworks, type Networks } from './tenant-networks.js';

/** The networks of the active tenant: of others nothing is seen. */
export function createNetworksLoader(scope: DataScope): DataLoader<string, Networks> {
  return new DataLoader((tenantIds) =>
    Promise.all(tenantIds.map((tenantId) => scope.read((entityManager) => readNetworks(entityManager, tenantId)))),
  );
}
