import { pruneRecentWrites, sqlOf } from '../database/index.js';
import type { Jobs } from '../jobs/index.js';
import type { DataScope } from '../tenancy/index.js';

const queue = 'forget-recent-writes';
const cron = '17 * * * *';
const batchSize = 5_000;

/** Plans the removal of notes of writes that every standby has replayed: one instance an hour does it, in batches. */
export async function forgetRecentWrites(jobs: Jobs, openScope: () => DataScope): Promise<void> {
  await jobs.recur(queue, cron, async ({ signal }) => {
    for (let removed = batchSize; removed === batchSize && !signal.aborted;) {
      removed = await openScope().write((entityManager) => pruneRecentWrites(sqlOf(entityManager), batchSize));
    }
  });
}
