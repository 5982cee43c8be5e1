import { auditEventType, auditRecordSchema } from '@tessera/service/audit';
import { sqlOf } from '@tessera/service/database';
import type { EventHandler } from '@tessera/service/subgraph';
import { recordAudit } from './record-audit.js';

/** Writes what other subgraphs report into the audit log, once an event. */
export const auditEventHandler: EventHandler = {
  types: [auditEventType],
  async handle({ id, tenantId, occurredAt, payload }, entityManager) {
    const record = auditRecordSchema.parse(payload);
    await recordAudit(sqlOf(entityManager), record, { id, tenantId, occurredAt: new Date(occurredAt) });
  },
};
