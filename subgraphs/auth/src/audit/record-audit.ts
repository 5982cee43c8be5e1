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
  await query(insertAudit(1), auditValues(record, place));
}

const columns = [
  'id',
  'tenant_id',
  'occurred_at',
  'action',
  'outcome',
  'actor_kind',
  'actor_id',
  'session_id',
  'impersonator_id',
  'subject_id',
  'target_type',
  'target_id',
  'client_address',
  'client_country',
  'client_city',
  'user_agent',
  'request_id',
  'details',
];

/**
 * SQL that writes one line.
 *
 * @param first where among the statement's parameters {@link auditValues} begin
 * @param source what must have a row for it, of a statement that does more
 */
export function insertAudit(first: number, source?: string): string {
  const values = columns.map((_, index) => `$${first + index}`).join(', ');
  return `insert into audit_entry (${columns.join(', ')}) select ${values}${source === undefined ? '' : ` from ${source}`}`;
}

/** The parameters of {@link insertAudit}. */
export function auditValues(record: AuditRecord, place: AuditPlace = {}): readonly unknown[] {
  const { id = newId(), tenantId, occurredAt = new Date() } = place;
  const { client } = record;
  return [
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
  ];
}
