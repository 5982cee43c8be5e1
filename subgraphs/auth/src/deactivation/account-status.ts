import { AppError } from '@tessera/service/errors';
import { registerEnumType } from 'type-graphql';
import type { AccountEntity } from '../accounts/account.entity.js';

export const AccountStatusEnum = { ACTIVE: 'ACTIVE', DEACTIVATED: 'DEACTIVATED' } as const;

export type AccountStatus = keyof typeof AccountStatusEnum;

registerEnumType(AccountStatusEnum, {
  name: 'AccountStatus',
  description: 'Whether a person can sign in.',
  valuesConfig: {
    ACTIVE: { description: 'The person can sign in.' },
    DEACTIVATED: { description: 'The platform has locked the person out everywhere; nothing of theirs is lost.' },
  },
});

export function accountStatusOf({ deactivatedAt }: Pick<AccountEntity, 'deactivatedAt'>): AccountStatus {
  return deactivatedAt === null ? 'ACTIVE' : 'DEACTIVATED';
}

/** What is said to who has proven whose account it is, and to nobody else. */
export function accountDeactivated(): AppError {
  return new AppError('FORBIDDEN', 'The account is deactivated: ask who runs the platform', {
    details: { reason: 'ACCOUNT_DEACTIVATED' },
  });
}
