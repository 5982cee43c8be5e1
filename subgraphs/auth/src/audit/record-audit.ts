import { newId, type RunSql } from '@tessera/service/database';
import type { AuditRecord } from '@tessera/service/audit';

export interface AuditPlace {
  /** Whose log it goes into; absent for the platform's alone. */
  readonly tenantId?: string | undefined;
  /** Default a new one. */
  readonly id?: string;
  /** Default now. */
  readonly occurredAt?: Date;
}

/** Writes one line into the audit log, in the transaction of what it tells of. */
export async function recordAudit(query: RunSql, record: AuditRecord, place: AuditPlace = {}): Promise<void> {
  const { id = newId(), tenantId, occurredAt = new Date() } = place;
  const { client } = record;
  await query(
    `insert into audit_entry (id, tenant_id, occurred_at, action, outcome, actor_kind, actor_id, session_id,
       impersonator_id, subject_id, target_type, target_id, client_address, client_country, client_city, user_agent,
       request_id, details)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18::jsonb)`,
    [
      id,
      tenantId ?? null,
      occurredAt,
      record.action,
      record.outcome,
      record.actorKind,
      record.actorId ?? null,
      record.sessionId ?? null,
      record.impersonatorId ?? null,
      record.subjectId ?? null,
      record.targetType ?? null,
      record.targetId ?? null,
      client.address ?? null,
      client.country ?? null,
      client.city ?? null,
      client.userAgent ?? null,
      record.requestId ?? null,
      JSON.stringify(record.details),
    ],
  );
}
