import { LockMode } from '@mikro-orm/core';
import type { EntityManager } from '@tessera/service/database';
import { notFound } from '@tessera/service/errors';
import { TenantEntity } from './tenant.entity.js';

/**
 * Reads a tenant and locks its row to the end of the transaction: what is counted then stays so until it is written.
 *
 * @throws AppError `NOT_FOUND` for one that does not exist, or that the transaction may not see
 */
export async function lockTenant(entityManager: EntityManager, tenantId: string): Promise<TenantEntity> {
  const lockMode = LockMode.PESSIMISTIC_WRITE;
  const tenant = await entityManager.findOne(TenantEntity, { id: tenantId }, { lockMode });
  if (tenant === null) throw notFound('Tenant');
  return tenant;
}
