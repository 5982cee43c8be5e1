import type { RunSql } from '@tessera/service/database';
import { AppError } from '@tessera/service/errors';

/**
 * The address of a person, once it is proven. What lets somebody in for good may be added to such an account only: whoever
 * signs up with another's address must find no way to stay in when its owner comes.
 *
 * @throws AppError `PRECONDITION_FAILED` before
 */
export async function findProvenAddress(query: RunSql, userId: string): Promise<string> {
  const [account] = await query<{ readonly email: string; readonly isVerified: boolean }>(
    'select email, email_verified_at is not null as "isVerified" from account where id = $1',
    [userId],
  );
  if (account?.isVerified !== true) {
    throw new AppError('PRECONDITION_FAILED', 'Prove your e-mail address first', {
      details: { reason: 'EMAIL_NOT_VERIFIED' },
    });
  }
  return account.email;
}
