import { toAuditRecord, type AuditedCaller } from '@tessera/service/audit';
import type { RunSql } from '@tessera/service/database';
import { recordAudit } from '../audit/record-audit.js';
import type { PlanAccountMail } from '../emails/account-mails.js';
import { endSessions } from '../sessions/end-sessions.js';

/**
 * Makes an address that was not proven until now that of the person who has just shown that it is theirs. Whoever signed up
 * with it may have been somebody else: their password is removed, and their sessions end. (There can be no passkey, app
 * or identity yet: those need a proven address.)
 *
 * @returns sessions to announce as ended after the commit
 */
export async function claimAccount(
  query: RunSql,
  caller: AuditedCaller,
  { userId, email }: { readonly userId: string; readonly email: string },
  planMail: PlanAccountMail,
): Promise<readonly string[]> {
  await lockPassword(query, userId);
  const [claimed] = await query(
    'update account set email_verified_at = now() where id = $1 and email_verified_at is null returning 1',
    [userId],
  );
  if (claimed === undefined) return [];
  await recordAudit(query, toAuditRecord(caller, { action: 'email.verified', subjectId: userId }));
  const [removed] = await query('delete from password where account_id = $1 returning 1', [userId]);
  if (removed !== undefined) {
    await recordAudit(query, toAuditRecord(caller, { action: 'password.removed', subjectId: userId }));
    await planMail('password-removed', email, query);
  }
  await query('delete from email_change where user_id = $1', [userId]);
  return endSessions(query, { userId, sessionId: undefined });
}

/** Before the account's row, in the order of who signs in with the password at the moment: else they would wait for each other. */
export async function lockPassword(query: RunSql, userId: string): Promise<void> {
  await query('select 1 from password where account_id = $1 for update', [userId]);
}
