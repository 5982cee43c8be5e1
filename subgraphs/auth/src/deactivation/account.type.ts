import { connectionType } from '@tessera/service/graphql';
import { Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import type { AccountEntity } from '../accounts/account.entity.js';
import { accountStatusOf, AccountStatusEnum, type AccountStatus } from './account-status.js';

@ObjectType('Account', { description: 'What signs a person in, as who runs the platform sees it.' })
export class AccountType {
  @Field(() => ID, { description: 'The person: `User.id`.' })
  userId!: string;

  @Field(() => String, { description: 'Address of sign-in.' })
  email!: string;

  @Field(() => AccountStatusEnum, { description: 'Whether the person can sign in.' })
  status!: AccountStatus;

  @Field(() => Date, { description: 'When the person signed up.' })
  createdAt!: Date;

  @Field(() => Int, { description: 'How often the person has signed in.' })
  signInCount!: number;

  @Field(() => Date, { nullable: true, description: 'When the person signed in last; null for who never did.' })
  lastSignedInAt!: Date | null;

  @Field(() => Date, { nullable: true, description: 'Since when the person is locked out; null for who is not.' })
  deactivatedAt!: Date | null;
}

export const AccountConnection = connectionType('Account', AccountType);

@InputType({ description: 'Who is locked out of the platform, or let in again, and why.' })
export class AccountStatusInput {
  @Field(() => ID, { description: 'The person.' })
  userId!: string;

  @Field(() => String, { description: 'For the audit log of the platform, 1 to 500 characters.' })
  reason!: string;
}

/** An account as who runs the platform sees it. */
export function toAccountType(account: AccountEntity): AccountType {
  const { id, email, createdAt, deactivatedAt, signInCount, lastSignedInAt } = account;
  const status = accountStatusOf(account);
  return Object.assign(new AccountType(), {
    userId: id,
    email,
    status,
    createdAt,
    deactivatedAt,
    signInCount,
    lastSignedInAt,
  });
}
