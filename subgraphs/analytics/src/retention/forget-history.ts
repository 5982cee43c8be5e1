import { sqlOf } from '@tessera/service/database';
import type { Jobs } from '@tessera/service/jobs';
import type { Logger } from '@tessera/service/logging';
import { isTenantFree } from '@tessera/service/personal-data';
import type { DataScope } from '@tessera/service/tenancy';

const queue = 'forget-history';
/** Every night, when the least is asked. */
const cron = '29 3 * * *';
/** So many at once: a long transaction would hold up everything that waits for its rows. */
const batchSize = 5_000;

export interface ForgetHistoryOptions {
  readonly openScope: () => DataScope;
  /** How long events, ended alerts and who was active are kept. */
  readonly keptDays: number;
  readonly logger: Logger;
}

/**
 * Plans the removal of what happened long ago: one instance a night does it, in batches. What was counted of it by day
 * stays, and so does everything of tenants on legal hold.
 */
export async function forgetHistory(jobs: Jobs, options: ForgetHistoryOptions): Promise<void> {
  const { openScope, keptDays, logger } = options;
  await jobs.recur(queue, cron, async ({ signal }) => {
    for (const [table, statement] of Object.entries(removals)) {
      let forgotten = 0;
      for (let removed = batchSize; removed === batchSize && !signal.aborted; forgotten += removed) {
        const run = openScope();
        removed = (await run.write((entityManager) => sqlOf(entityManager)(statement, [keptDays, batchSize]))).length;
      }
      logger.info({ table, forgotten }, 'old history is forgotten');
    }
  });
}

const isOld = (column: string): string => `${column} < now() - make_interval(days => $1) and ${isTenantFree()}`;

/** Each answers a row for each that it removed. */
const removals = {
  event: `
    delete from event using (
      select tenant_id, id from event where ${isOld('received_at')} limit $2
    ) as old where event.tenant_id = old.tenant_id and event.id = old.id returning 1`,
  // An alert goes with its changes. Those of an alert that goes on stay, however old.
  alert: `
    with old as (
      select id from alert where ${isOld('ended_at')} limit $2
    ), changes as (
      delete from alert_change using old where alert_change.alert_id = old.id
    )
    delete from alert using old where alert.id = old.id returning 1`,
  member_day: `
    delete from member_day using (
      select tenant_id, user_id, day from member_day where ${isOld('day')} limit $2
    ) as old
    where member_day.tenant_id = old.tenant_id and member_day.user_id = old.user_id and member_day.day = old.day
    returning 1`,
  active_user: `
    delete from active_user using (
      select tenant_id, month, user_id from active_user where ${isOld('month')} limit $2
    ) as old
    where active_user.tenant_id = old.tenant_id and active_user.month = old.month and active_user.user_id = old.user_id
    returning 1`,
};
