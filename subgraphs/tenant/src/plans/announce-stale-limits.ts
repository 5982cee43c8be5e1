import { sqlOf } from '@tessera/service/database';
import type { Jobs } from '@tessera/service/jobs';
import type { Logger } from '@tessera/service/logging';
import { meteredLimitsSchema } from '@tessera/service/quotas';
import type { DataScope } from '@tessera/service/tenancy';
import { lockTenant } from '../tenants/lock-tenant.js';
import { announceLimits } from './metered-limits.js';
import type { PlanCatalogue } from './plan-catalogue.js';

const queue = 'announce-limits';
const hourly = '23 * * * *';
const batchSize = 500;

export interface StaleLimitsOptions {
  readonly serviceScope: (tenantId?: string) => DataScope;
  readonly plans: PlanCatalogue;
  readonly logger: Logger;
  readonly now?: () => Date;
}

/**
 * Tells others of the limits of tenants that were made before anybody was told, and of plans that this process read with other
 * limits than the one before: once when it starts, and every hour.
 */
export async function announceStaleLimits(jobs: Jobs, options: StaleLimitsOptions): Promise<void> {
  // Before there is a worker, which looks for jobs as it begins, and then in its own time.
  await jobs.send(queue, {}, { singletonKey: 'start' });
  await jobs.recur(queue, hourly, async ({ signal }) => {
    const announced = await announceAll(options, signal);
    if (announced > 0) options.logger.info({ announced }, 'limits of plans are announced');
  });
}

async function announceAll(options: StaleLimitsOptions, signal: AbortSignal): Promise<number> {
  const { serviceScope, plans, now = () => new Date() } = options;
  let announced = 0;
  for (;;) {
    const stale = await findStale(serviceScope(), plans);
    for (const tenantId of stale) {
      if (signal.aborted) return announced;
      await serviceScope(tenantId).write(async (entityManager) => {
        await announceLimits(entityManager, await lockTenant(entityManager, tenantId), plans, now);
      });
      announced += 1;
    }
    if (stale.length < batchSize) return announced;
  }
}

/** Tenants of plans that were taken out of the catalogue have what the first one gives. */
const staleSql = `
  with known as (select * from jsonb_to_recordset($1::jsonb) as known (plan text, limits jsonb))
  select tenant.id from tenant left join known using (plan)
  where tenant.announced_limits is distinct from coalesce(known.limits, $2::jsonb)
  order by tenant.id limit $3`;

async function findStale(scope: DataScope, plans: PlanCatalogue): Promise<readonly string[]> {
  const known = plans.all.map(({ id, limits }) => ({ plan: id, limits: meteredLimitsSchema.parse(limits) }));
  const first = meteredLimitsSchema.parse(plans.first.limits);
  try {
    const rows = await scope.read((entityManager) =>
      sqlOf(entityManager)<{ readonly id: string }>(staleSql, [
        JSON.stringify(known),
        JSON.stringify(first),
        batchSize,
      ]),
    );
    return rows.map(({ id }) => id);
  } finally {
    scope.close();
  }
}
