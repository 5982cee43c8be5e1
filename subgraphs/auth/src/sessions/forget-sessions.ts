import { sqlOf } from '@tessera/service/database';
import type { Jobs } from '@tessera/service/jobs';
import type { Logger } from '@tessera/service/logging';
import type { DataScope } from '@tessera/service/tenancy';

const queue = 'forget-sessions';
/** Every night, when the fewest sign in. */
const cron = '17 3 * * *';
/** How long an ended session is kept, so that a person who asks can still be told of it. */
const keptDays = 30;
/** So many at once: a long transaction would hold up everything that waits for its rows. */
const batchSize = 5_000;

export interface ForgetSessionsOptions {
  readonly openScope: () => DataScope;
  readonly logger: Logger;
}

/** Plans the removal of sessions that ended long ago, with their refresh tokens: one instance a night does it. */
export async function forgetOldSessions(jobs: Jobs, { openScope, logger }: ForgetSessionsOptions): Promise<void> {
  await jobs.recur(queue, cron, async ({ signal }) => {
    let forgotten = 0;
    for (let removed = batchSize; removed === batchSize && !signal.aborted; forgotten += removed) {
      removed = await forgetBatch(openScope());
    }
    logger.info({ forgotten }, 'old sessions are forgotten');
  });
}

/** @returns how many sessions were removed */
async function forgetBatch(scope: DataScope): Promise<number> {
  const removed = await scope.write((entityManager) =>
    sqlOf(entityManager)(
      `delete from session where id in (
         select id from session
         where expires_at < now() - make_interval(days => $1) or revoked_at < now() - make_interval(days => $1)
         limit $2 for update skip locked
       ) returning 1`,
      [keptDays, batchSize],
    ),
  );
  return removed.length;
}
