import type { DataScope } from '@tessera/service/tenancy';

/** The password of an account, as a hash, and what else a sign-in by it needs to know. */
export interface AccountPassword {
  readonly userId: string;
  readonly hash: string;
  readonly isEmailVerified: boolean;
}

/** Reads it by itself; undefined where there is no such account, or it has none. */
export async function findAccountPassword(scope: DataScope, email: string): Promise<AccountPassword | undefined> {
  const [found] = await scope.runAlone<AccountPassword>(
    `select account.id as "userId", password.hash, account.email_verified_at is not null as "isEmailVerified"
     from account join password on password.account_id = account.id where account.email = $1`,
    [email],
  );
  return found;
}
