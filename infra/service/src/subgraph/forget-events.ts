import { sqlOf } from '../database/index.js';
import { pruneConsumedEvents } from '../events/index.js';
import type { Jobs } from '../jobs/index.js';
import type { DataScope } from '../tenancy/index.js';

const queue = 'forget-consumed-events';
const cron = '47 3 * * *';
const batchSize = 5_000;

export interface ForgetEventsOptions {
  readonly openScope: () => DataScope;
  readonly keptDays: number;
}

/** Plans the removal of what is remembered of events consumed long ago: one instance a night does it, in batches. */
export async function forgetConsumedEvents(jobs: Jobs, { openScope, keptDays }: ForgetEventsOptions): Promise<void> {
  await jobs.recur(queue, cron, async ({ signal }) => {
    for (let removed = batchSize; removed === batchSize && !signal.aborted;) {
      removed = await openScope().write((entityManager) =>
        pruneConsumedEvents(sqlOf(entityManager), keptDays, batchSize),
      );
    }
  });
}
