import { isId } from '@tessera/service/database';
import { addressRefusal, noSecurityPolicy } from '@tessera/service/security-policy';
import type { DataScope } from '@tessera/service/tenancy';
import { readNetworks } from './tenant-networks.js';

/** Stops who fetches or brings a tenant's bytes from where the tenant does not want to be asked. */
export type AssertReachableFrom = (tenantId: string, address: string) => Promise<void>;

/**
 * Creates the guard of what this service serves itself.
 *
 * @returns throws AppError `FORBIDDEN` with `details.reason` `ADDRESS_NOT_ALLOWED`
 */
export function createAddressGuard(serviceScope: (tenantId: string) => DataScope): AssertReachableFrom {
  return async (tenantId, address) => {
    if (!isId(tenantId)) return;
    const scope = serviceScope(tenantId);
    const networks = await scope
      .read((entityManager) => readNetworks(entityManager, tenantId))
      .finally(() => scope.close());
    const refused = addressRefusal({ ...noSecurityPolicy, networks: [...networks] }, address);
    if (refused !== undefined) throw refused;
  };
}
