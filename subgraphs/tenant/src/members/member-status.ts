import type { EntityManager } from '@tessera/service/database';
import { AppError } from '@tessera/service/errors';
import { MembershipEntity } from './membership.entity.js';

/** `DEACTIVATED`: locked out by an administrator, and a member all the same, who keeps data and role and needs no seat. */
export const membershipStatuses = ['ACTIVE', 'DEACTIVATED'] as const;

export type MembershipStatus = (typeof membershipStatuses)[number];

export function statusOf({ deactivatedAt }: Pick<MembershipEntity, 'deactivatedAt'>): MembershipStatus {
  return deactivatedAt === null ? 'ACTIVE' : 'DEACTIVATED';
}

/** What members of a status have in common, for a query. */
export function membersOf(status: MembershipStatus): { readonly deactivatedAt: null | { readonly $ne: null } } {
  return { deactivatedAt: status === 'ACTIVE' ? null : { $ne: null } };
}

/** How many seats of a tenant are taken; whoever goes by it has locked the tenant's row. */
export async function countSeats(entityManager: EntityManager, tenantId: string): Promise<number> {
  return entityManager.count(MembershipEntity, { tenantId, ...membersOf('ACTIVE') });
}

/** @throws AppError `FORBIDDEN` with the reason `MEMBER_DEACTIVATED` for a member who is locked out */
export function assertIsIn(membership: MembershipEntity): MembershipEntity {
  if (statusOf(membership) === 'ACTIVE') return membership;
  throw new AppError('FORBIDDEN', 'The membership is deactivated: an administrator of the tenant can reactivate it', {
    details: { reason: 'MEMBER_DEACTIVATED' },
  });
}
