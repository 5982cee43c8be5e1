import type { EntityManager } from '@tessera/service/database';
import { AppError } from '@tessera/service/errors';
import { MembershipEntity } from './membership.entity.js';

/** How many of a tenant's administrators are in it, a person apart. */
export async function countOtherAdministrators(
  entityManager: EntityManager,
  tenantId: string,
  userId: string,
): Promise<number> {
  const others = { tenantId, role: 'TENANT_ADMIN', deactivatedAt: null, userId: { $ne: userId } };
  return entityManager.count(MembershipEntity, others);
}

/** @throws AppError `PRECONDITION_FAILED` where nobody else administers the tenant; whoever calls this has locked its row */
export async function assertOtherAdministrator(
  entityManager: EntityManager,
  tenantId: string,
  userId: string,
): Promise<void> {
  if ((await countOtherAdministrators(entityManager, tenantId, userId)) > 0) return;
  throw new AppError('PRECONDITION_FAILED', 'The last administrator of a tenant must remain');
}
