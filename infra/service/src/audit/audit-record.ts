import { z } from 'zod';
import { createDomainEvent, type DomainEvent } from '../events/index.js';
import { clientDetailsSchema, type ClientDetails, type Principal } from '../identity/index.js';
import type { JsonObject } from '../json/index.js';

/** Type of the event by which a subgraph has something written into the audit log, which auth keeps. */
export const auditEventType = 'audit.recorded';

/** What happened to the security of somebody or something: who did it, from where, to what. */
export const auditRecordSchema = z.object({
  /** `<thing>.<pastTense>`, e.g. `session.opened`. */
  action: z.string().regex(/^[a-z][A-Za-z]*\.[a-z][A-Za-z]*$/),
  outcome: z.enum(['success', 'denied']),
  /** `service` acts by itself: a job, an event. */
  actorKind: z.enum(['anonymous', 'user', 'key', 'service']),
  actorId: z.uuid().optional(),
  sessionId: z.uuid().optional(),
  /** Who really acts, where somebody impersonates the actor. */
  impersonatorId: z.uuid().optional(),
  /** The person whom it concerns, where that is another than the actor. */
  subjectId: z.uuid().optional(),
  targetType: z.string().max(64).optional(),
  targetId: z.string().max(200).optional(),
  client: clientDetailsSchema,
  requestId: z.string().max(128).optional(),
  /** What else an auditor needs. Never a secret, a token or a password. */
  details: z.record(z.string(), z.unknown()),
});

export type AuditRecord = Readonly<z.infer<typeof auditRecordSchema>>;

/** Of a record, what its author decides; who and from where is taken from the caller. */
export interface AuditNote {
  readonly action: string;
  readonly outcome?: AuditRecord['outcome'];
  readonly subjectId?: string;
  readonly targetType?: string;
  readonly targetId?: string;
  readonly details?: JsonObject;
}

/** Of a request's context, what goes into the log. */
export interface AuditedCaller {
  readonly principal: Principal;
  readonly client: ClientDetails;
  readonly requestId: string;
}

/** Puts together what is recorded of a caller's doing. */
export function toAuditRecord({ principal, client, requestId }: AuditedCaller, note: AuditNote): AuditRecord {
  const { action, outcome = 'success', subjectId, targetType, targetId, details = {} } = note;
  return {
    action,
    outcome,
    actorKind: principal.kind,
    ...(principal.userId !== undefined && { actorId: principal.userId }),
    ...(principal.sessionId !== undefined && { sessionId: principal.sessionId }),
    ...(principal.impersonatorId !== undefined && { impersonatorId: principal.impersonatorId }),
    ...(subjectId !== undefined && { subjectId }),
    ...(targetType !== undefined && { targetType }),
    ...(targetId !== undefined && { targetId }),
    client,
    requestId,
    details,
  };
}

/**
 * Makes the event for the outbox, to be committed with what it tells of.
 *
 * @param tenantId whose log it goes into; default the caller's active tenant; `null` for the platform's alone
 */
export function auditEvent(caller: AuditedCaller, note: AuditNote, tenantId?: string | null): DomainEvent {
  const tenant = tenantId === undefined ? caller.principal.tenantId : (tenantId ?? undefined);
  return createDomainEvent({
    type: auditEventType,
    ...(tenant !== undefined && { tenantId: tenant }),
    payload: { ...toAuditRecord(caller, note) } as JsonObject,
  });
}
