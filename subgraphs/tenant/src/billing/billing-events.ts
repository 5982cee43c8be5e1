import { sqlOf } from '@tessera/service/database';
import { quotaWarningEventType, tenantLimitsEventType, usageSummaryEventType } from '@tessera/service/quotas';
import type { EventHandler } from '@tessera/service/subgraph';
import { TenantEntity } from '../tenants/tenant.entity.js';
import type { EnqueueDelivery } from './billing-webhook.js';

/** Names of messages by the events that they come from. */
const messageTypes: ReadonlyMap<string, string> = new Map([
  [tenantLimitsEventType, 'tenant.planChanged'],
  [usageSummaryEventType, 'tenant.usageSummarised'],
  [quotaWarningEventType, 'tenant.quotaWarning'],
]);

const writeSql = `
  insert into billing_delivery (id, tenant_id, type, body, status, created_at)
  values ($1, $2, $3, $4, 'PENDING', $5) on conflict (id) do nothing returning id`;

/** Writes what billing is to be told of: once an event, together with the job that tells it. */
export function tellBilling(enqueue: EnqueueDelivery): EventHandler {
  return {
    types: [...messageTypes.keys()],
    async handle({ id, type: eventType, tenantId, occurredAt, payload }, entityManager) {
      const type = messageTypes.get(eventType);
      if (type === undefined || tenantId === undefined) throw new Error(`Event ${id} of a tenant names no tenant`);
      // One that is erased by now has nobody to be billed.
      if ((await entityManager.count(TenantEntity, { id: tenantId })) === 0) return;
      const message = { type, timestamp: occurredAt, data: { tenantId, ...payload } };
      const query = sqlOf(entityManager);
      const written = await query(writeSql, [id, tenantId, type, JSON.stringify(message), occurredAt]);
      if (written.length === 1) await enqueue({ id, tenantId }, query);
    },
  };
}
