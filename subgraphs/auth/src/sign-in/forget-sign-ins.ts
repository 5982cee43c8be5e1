import { sqlOf } from '@tessera/service/database';
import type { Jobs } from '@tessera/service/jobs';
import type { DataScope } from '@tessera/service/tenancy';

const queue = 'forget-sign-ins';
const cron = '37 3 * * *';
/** Tables of what was begun and has to be finished before `expires_at`. A day is what limits of mails look back. */
const tables = ['sign_in_challenge', 'email_sign_in', 'oidc_flow', 'passkey_ceremony', 'email_change'] as const;
const keptDays = 1;
const batchSize = 5_000;

/** Plans the removal of sign-ins that were begun long ago: one instance a night does it. */
export async function forgetSignIns(jobs: Jobs, openScope: () => DataScope): Promise<void> {
  await jobs.recur(queue, cron, async ({ signal }) => {
    for (const table of tables) {
      for (let removed = batchSize; removed === batchSize && !signal.aborted;) {
        removed = await forgetBatch(openScope(), table);
      }
    }
  });
}

/** @returns how many rows were removed */
async function forgetBatch(scope: DataScope, table: (typeof tables)[number]): Promise<number> {
  const removed = await scope.write((entityManager) =>
    sqlOf(entityManager)(
      `delete from ${table} where ctid in (
         select ctid from ${table} where expires_at < now() - make_interval(days => $1) limit $2 for update skip locked
       ) returning 1`,
      [keptDays, batchSize],
    ),
  );
  return removed.length;
}
