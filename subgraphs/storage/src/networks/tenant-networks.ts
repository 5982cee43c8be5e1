import { sqlOf, type EntityManager } from '@tessera/service/database';

/** From where a tenant wants to be asked; nothing: from anywhere. */
export type Networks = readonly string[];

/** Reads it of the tenant of a transaction. */
export async function readNetworks(entityManager: EntityManager, tenantId: string): Promise<Networks> {
  const [known] = await sqlOf(entityManager)<{ readonly networks: Networks }>(
    'select networks from tenant_networks where tenant_id = $1',
    [tenantId],
  );
  return known?.networks ?? [];
}
