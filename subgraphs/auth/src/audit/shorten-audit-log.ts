import { newId, sqlOf } from '@tessera/service/database';
import type { Jobs } from '@tessera/service/jobs';
import type { Logger } from '@tessera/service/logging';
import type { DataScope } from '@tessera/service/tenancy';

const queue = 'shorten-audit-log';
/** Every night, when the fewest sign in. */
const cron = '47 3 * * *';
const batchSize = 5_000;

export interface ShortenAuditLogOptions {
  readonly openScope: () => DataScope;
  readonly logger: Logger;
  /** 0: for ever. */
  readonly keptDays: number;
}

/** Plans that entries of the audit log which are older than is set are forgotten: one instance a night does it. */
export async function shortenAuditLog(
  jobs: Jobs,
  { openScope, logger, keptDays }: ShortenAuditLogOptions,
): Promise<void> {
  await jobs.recur(queue, cron, async ({ signal }) => {
    if (keptDays === 0) return;
    let forgotten = 0;
    for (let removed = batchSize; removed === batchSize && !signal.aborted; forgotten += removed) {
      removed = await forgetBatch(openScope(), keptDays);
    }
    if (forgotten > 0) logger.info({ forgotten, keptDays }, 'old entries of the audit log are forgotten');
  });
}

/** The function is the database owner's: the service itself has no right to delete. @returns how many were removed */
async function forgetBatch(scope: DataScope, keptDays: number): Promise<number> {
  const [answer] = await scope.write((entityManager) =>
    sqlOf(entityManager)<{ readonly removed: number }>('select forget_audit_entries($1, $2, $3) as removed', [
      newId(),
      keptDays,
      batchSize,
    ]),
  );
  return answer?.removed ?? 0;
}
