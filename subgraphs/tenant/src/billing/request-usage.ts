import { sqlOf } from '@tessera/service/database';
import { appendToOutbox, createDomainEvent } from '@tessera/service/events';
import type { Jobs } from '@tessera/service/jobs';
import { usageRequestEventType } from '@tessera/service/quotas';
import type { DataScope } from '@tessera/service/tenancy';

const queue = 'request-usage';
/** Those of the first half of a day are about the day before too, whose numbers are final by then. */
const hourly = '7 * * * *';

/** Asks analytics every hour for what tenants used; its answers come as events. */
export async function requestUsage(jobs: Jobs, serviceScope: () => DataScope): Promise<void> {
  await jobs.recur(queue, hourly, async () => {
    await serviceScope().write((entityManager) =>
      appendToOutbox(sqlOf(entityManager), [createDomainEvent({ type: usageRequestEventType, payload: {} })]),
    );
  });
}
