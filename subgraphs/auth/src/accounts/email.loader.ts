import { isId } from '@tessera/service/database';
import { hasPermission, isSelf } from '@tessera/service/identity';
import type { Caller } from '@tessera/service/tenancy';
import DataLoader from 'dataloader';
import { accountStatusOf, type AccountStatus } from '../deactivation/account-status.js';
import { AccountEntity } from './account.entity.js';

export interface EmailAddress {
  readonly email: string;
  readonly isVerified: boolean;
  readonly status: AccountStatus;
  readonly signInCount: number;
  readonly lastSignedInAt: Date | null;
}

/**
 * E-mail addresses by person: one's own, and for an administrator those of the members of the active tenant. Who is a
 * member is decided by row-level security, by the directory.
 */
export function createEmailLoader({ principal, scope }: Caller): DataLoader<string, EmailAddress | null> {
  const seesMembers = hasPermission(principal, 'members:manage');
  const maySee = (id: string): boolean => (seesMembers || isSelf(principal, id)) && isId(id);
  return new DataLoader(async (ids) => {
    const visible = ids.filter(maySee);
    if (visible.length === 0) return ids.map(() => null);
    const accounts = await scope.read((entityManager) => entityManager.find(AccountEntity, { id: { $in: visible } }));
    const emails = new Map(
      accounts.map((account) => {
        const { id, email, emailVerifiedAt, signInCount, lastSignedInAt } = account;
        const isVerified = emailVerifiedAt !== null;
        return [id, { email, isVerified, status: accountStatusOf(account), signInCount, lastSignedInAt }];
      }),
    );
    return ids.map((id) => emails.get(id) ?? null);
  });
}
