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
        const { id, email, emailVerifiedAt } = account;
        return [id, { email, isVerified: emailVerifiedAt !== null, status: accountStatusOf(account) }];
      }),
    );
    return ids.map((id) => emails.get(id) ?? null);
  });
}
