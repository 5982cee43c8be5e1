import { auditEvent } from '@tessera/service/audit';
import { newId, sqlOf, type EntityManager } from '@tessera/service/database';
import { appendToOutbox, createDomainEvent } from '@tessera/service/events';
import { servicePrincipal, unknownClient } from '@tessera/service/identity';
import { quotaWarningEventType, reachedShare, type QuotaWarning } from '@tessera/service/quotas';

/** How much of its space a tenant has taken, in the transaction that took it. */
export interface StorageReading {
  readonly tenantId: string;
  readonly used: number;
  readonly limit: number;
}

/** Once a month, limit and share, by the database's clock: whoever writes the row says it to others. */
const warnSql = `
  insert into quota_warning (tenant_id, month, quota, percent)
  values ($1, date_trunc('month', now() at time zone 'UTC')::date, $2, $3)
  on conflict do nothing returning 1`;

/** Warns of storage of which 80% or all is taken. What is full stays so until files go, so it is said again each month. */
export async function warnOfStorage(
  entityManager: EntityManager,
  { tenantId, used, limit }: StorageReading,
): Promise<void> {
  const percent = reachedShare(used, limit);
  if (percent === undefined) return;
  const query = sqlOf(entityManager);
  if ((await query(warnSql, [tenantId, limit, percent])).length === 0) return;
  const warning: QuotaWarning = { meter: 'STORAGE_BYTES', percent, used, limit, period: null, resetsAt: null };
  const caller = { principal: servicePrincipal(tenantId), client: unknownClient, requestId: newId() };
  const note = { action: quotaWarningEventType, targetType: 'Tenant', targetId: tenantId, details: warning };
  await appendToOutbox(query, [
    createDomainEvent({ type: quotaWarningEventType, tenantId, payload: warning }),
    auditEvent(caller, note, tenantId),
  ]);
}
