import { toAuditRecord, type AuditedCaller } from '@tessera/service/audit';
import type { RunSql } from '@tessera/service/database';
import { recordAudit } from '../audit/record-audit.js';

/** Notes, once, that the address of an account is proven. @returns false where it was before */
export async function proveAddress(query: RunSql, caller: AuditedCaller, userId: string): Promise<boolean> {
  const [proven] = await query(
    'update account set email_verified_at = now() where id = $1 and email_verified_at is null returning 1',
    [userId],
  );
  if (proven === undefined) return false;
  await recordAudit(query, toAuditRecord(caller, { action: 'email.verified', subjectId: userId }));
  return true;
}
