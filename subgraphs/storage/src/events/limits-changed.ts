import { sqlOf } from '@tessera/service/database';
import type { Logger } from '@tessera/service/logging';
import { tenantLimitsEventType, tenantLimitsSchema } from '@tessera/service/quotas';
import type { EventHandler } from '@tessera/service/subgraph';

/** Takes over how much a tenant's plan lets it store. An announcement that was overtaken by a later one changes nothing. */
export function createLimitsHandler({ logger }: { readonly logger: Logger }): EventHandler {
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
      await sqlOf(entityManager)(
        `insert into storage_usage as known (tenant_id, bytes, files, plan_quota_bytes, limits_version)
         values ($1, 0, 0, $2, $3)
         on conflict (tenant_id) do update
           set plan_quota_bytes = excluded.plan_quota_bytes, limits_version = excluded.limits_version
           where known.limits_version < excluded.limits_version`,
        [tenantId, limits.storageBytes, version],
      );
    },
  };
}
