import { toAuditRecord, type AuditedCaller } from '@tessera/service/audit';
import type { RunSql } from '@tessera/service/database';
import { recordAudit } from '../audit/record-audit.js';
import type { PlanAccountMail } from '../emails/account-mails.js';
import { endSessions } from '../sessions/end-sessions.js';
import { proveAddress } from './prove-address.js';
import { revokePrograms } from './revoke-programs.js';

/**
 * Makes an address that was not proven until now that of the person who has just shown that it is theirs. Whoever signed up
 * with it may have been somebody else: their password is removed, and their sessions, API keys and machine
 * clients end. (There can be no passkey, app or identity yet: those need a proven address.)
 *
 * @returns what to announce as ended after the commit
 */
export async function claimAccount(
  query: RunSql,
  caller: AuditedCaller,
  { userId, email }: { readonly userId: string; readonly email: string },
  planMail: PlanAccountMail,
): Promise<readonly string[]> {
  await lockPassword(query, userId);
  if (!(await proveAddress(query, caller, userId))) return [];
  const [removed] = await query('delete from password where account_id = $1 returning 1', [userId]);
  if (removed !== undefined) {
    await recordAudit(query, toAuditRecord(caller, { action: 'password.removed', subjectId: userId }));
    await planMail('password-removed', email, query);
  }
  await query('delete from email_change where user_id = $1', [userId]);
  return [...(await endSessions(query, { userId, sessionId: undefined })), ...(await revokePrograms(query, userId))];
}

/** Before the account's row, in the order of who signs in with the password at the moment: else they would wait for each other. */
export async function lockPassword(query: RunSql, userId: string): Promise<void> {
  await query('select 1 from password where account_id = $1 for update', [userId]);
}
