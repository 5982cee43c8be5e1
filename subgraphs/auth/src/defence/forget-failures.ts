import { sqlOf } from '@tessera/service/database';
import type { Jobs } from '@tessera/service/jobs';
import type { DataScope } from '@tessera/service/tenancy';

const queue = 'forget-sign-in-failures';
const cron = '27 * * * *';
/** By then every failure is forgiven. */
const keptHours = 24;
const batchSize = 10_000;

/** Plans the removal of counters that count nothing any more: one instance an hour does it. */
export async function forgetFailures(jobs: Jobs, openScope: () => DataScope): Promise<void> {
  await jobs.recur(queue, cron, async ({ signal }) => {
    for (let removed = batchSize; removed === batchSize && !signal.aborted;) removed = await forgetBatch(openScope());
  });
}

/** @returns how many were removed */
async function forgetBatch(scope: DataScope): Promise<number> {
  const removed = await scope.write((entityManager) =>
    sqlOf(entityManager)(
      `delete from sign_in_failure where counter = any (array(
         select counter from sign_in_failure where last_at < now() - make_interval(hours => $1)
         limit $2 for update skip locked
       )) returning 1`,
      [keptHours, batchSize],
    ),
  );
  return removed.length;
}
