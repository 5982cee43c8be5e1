import { sqlOf, type EntityManager } from '@tessera/service/database';
import { quotaExceeded } from '@tessera/service/quotas';
import { warnOfStorage } from './quota-warnings.js';

/** Space of one file in its tenant. */
export interface Reservation {
  readonly tenantId: string;
  readonly sizeBytes: number;
}

interface UsageRow {
  readonly bytes: string;
  readonly quota_bytes: string;
}

/**
 * Takes space inside the caller's transaction. One conditional UPDATE decides, so that of many uploads at once, over any
 * number of instances, only as many succeed as there is room for; the tenant is warned at 80% and when it is full. It locks the tenant's row until the commit: call it last.
 *
 * @throws AppError `QUOTA_EXCEEDED` with the quota and what is free of it
 */
export async function reserveSpace(
  entityManager: EntityManager,
  { tenantId, sizeBytes }: Reservation,
  defaultQuotaBytes: number,
): Promise<void> {
  const query = sqlOf(entityManager);
  await query(
    'insert into storage_usage (tenant_id, bytes, files) values ($1, 0, 0) on conflict (tenant_id) do nothing',
    [tenantId],
  );
  const taken = await query<UsageRow>(
    `update storage_usage set bytes = bytes + $2, files = files + 1
     where tenant_id = $1 and bytes + $2 <= coalesce(quota_bytes, plan_quota_bytes, $3)
     returning bytes, coalesce(quota_bytes, plan_quota_bytes, $3) as quota_bytes`,
    [tenantId, sizeBytes, defaultQuotaBytes],
  );
  const [space] = taken;
  if (space !== undefined) {
    return warnOfStorage(entityManager, { tenantId, used: Number(space.bytes), limit: Number(space.quota_bytes) });
  }
  const [usage] = await query<UsageRow>(
    'select bytes, coalesce(quota_bytes, plan_quota_bytes, $2) as quota_bytes from storage_usage where tenant_id = $1',
    [tenantId, defaultQuotaBytes],
  );
  const quotaBytes = Number(usage?.quota_bytes ?? defaultQuotaBytes);
  const used = Number(usage?.bytes ?? 0);
  const quota = { meter: 'STORAGE_BYTES', limit: quotaBytes, used, resetsAt: null } as const;
  const availableBytes = Math.max(0, quotaBytes - used);
  throw quotaExceeded('The tenant’s storage is full', quota, {
    requestedBytes: sizeBytes,
    availableBytes,
    quotaBytes,
  });
}

/** Gives space back, in the transaction that takes the file out of use. */
export async function releaseSpace(entityManager: EntityManager, { tenantId, sizeBytes }: Reservation): Promise<void> {
  await sqlOf(entityManager)('update storage_usage set bytes = bytes - $2, files = files - 1 where tenant_id = $1', [
    tenantId,
    sizeBytes,
  ]);
}
