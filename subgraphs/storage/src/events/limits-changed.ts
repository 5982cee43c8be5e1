import { sqlOf } from '@tessera/service/database';
import type { Logger } from '@tessera/service/logging';
import { tenantLimitsEventType, tenantLimitsSchema } from '@tessera/service/quotas';
import type { EventHandler } from '@tessera/service/subgraph';
import { warnOfStorage } from '../usage/quota-warnings.js';

export interface LimitsHandlerOptions {
  readonly logger: Logger;
  readonly defaultQuotaBytes: number;
}

/** Takes over how much a tenant's plan lets it store. An announcement that was overtaken by a later one changes nothing. */
export function createLimitsHandler({ logger, defaultQuotaBytes }: LimitsHandlerOptions): EventHandler {
  return {
    types: [tenantLimitsEventType],
    async handle({ id, tenantId, payload }, entityManager) {
      const parsed = tenantLimitsSchema.safeParse(payload);
      // Delivering a broken announcement again would not mend it.
      if (!parsed.success || tenantId === undefined) {
        logger.error({ eventId: id, err: parsed.error }, 'limits of a tenant are not valid');
        return;
      }
      const { version, limits } = parsed.data;
      const [known] = await sqlOf(entityManager)<{ readonly bytes: string; readonly quota: string }>(
        `insert into storage_usage as known (tenant_id, bytes, files, plan_quota_bytes, limits_version)
         values ($1, 0, 0, $2, $3)
         on conflict (tenant_id) do update
           set plan_quota_bytes = excluded.plan_quota_bytes, limits_version = excluded.limits_version
           where known.limits_version < excluded.limits_version
         returning bytes, coalesce(quota_bytes, plan_quota_bytes, $4) as quota`,
        [tenantId, limits.storageBytes, version, defaultQuotaBytes],
      );
      // A smaller plan may be full at once.
      if (known === undefined) return;
      await warnOfStorage(entityManager, { tenantId, used: Number(known.bytes), limit: Number(known.quota) });
    },
  };
}
