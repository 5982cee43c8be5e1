import { isId } from '@tessera/service/database';
import type { DataScope } from '@tessera/service/tenancy';
import DataLoader from 'dataloader';
import { MembershipEntity } from './membership.entity.js';

/** Memberships by person: one's own in all tenants, of others that in the active tenant. */
export function createMembershipsByUserLoader(scope: DataScope): DataLoader<string, MembershipEntity[]> {
  return new DataLoader(async (userIds) => {
    const memberships = await scope.read((entityManager) =>
      entityManager.find(MembershipEntity, { userId: { $in: userIds.filter(isId) } }, { orderBy: { id: 'asc' } }),
    );
    const byUser = Map.groupBy(memberships, (membership) => membership.userId);
    return userIds.map((userId) => byUser.get(userId) ?? []);
  });
}
