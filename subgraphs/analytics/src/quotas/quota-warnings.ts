import { newId, sqlOf, type EntityManager } from '@tessera/service/database';
import { auditEvent } from '@tessera/service/audit';
import { appendToOutbox, createDomainEvent } from '@tessera/service/events';
import { servicePrincipal, unknownClient } from '@tessera/service/identity';
import { monthOf, nextMonth, quotaWarningEventType, reachedShare, type QuotaWarning } from '@tessera/service/quotas';

/** What was counted of one meter in the current month. */
export interface MeterReading {
  readonly meter: 'API_CALLS' | 'ACTIVE_USERS' | 'EVENTS';
  readonly used: number;
  readonly limit: number | null;
  readonly at: Date;
}

/** Once per meter, month, limit and share: whoever writes the row says it to others. */
const warnSql = `
  insert into quota_warning (tenant_id, meter, period, quota, percent) values ($1, $2, $3, $4, $5)
  on conflict do nothing returning percent`;

/** Warns of a meter of which 80% or all is used, in the transaction that counted it; once. */
export async function warnOfQuota(
  entityManager: EntityManager,
  tenantId: string,
  reading: MeterReading,
): Promise<void> {
  const { meter, used, limit, at } = reading;
  const percent = reachedShare(used, limit);
  if (percent === undefined || limit === null) return;
  const period = monthOf(at);
  const query = sqlOf(entityManager);
  const written = await query(warnSql, [tenantId, meter, period, limit, percent]);
  if (written.length === 0) return;
  const warning: QuotaWarning = { meter, percent, used, limit, period, resetsAt: nextMonth(at).toISOString() };
  const caller = { principal: servicePrincipal(tenantId), client: unknownClient, requestId: newId() };
  await appendToOutbox(query, [
    createDomainEvent({ type: quotaWarningEventType, tenantId, payload: warning }),
    auditEvent(
      caller,
      { action: quotaWarningEventType, targetType: 'Tenant', targetId: tenantId, details: warning },
      tenantId,
    ),
  ]);
}
