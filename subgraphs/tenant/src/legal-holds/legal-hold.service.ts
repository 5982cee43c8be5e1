import { auditEvent, type AuditedCaller } from '@tessera/service/audit';
import { findPage, newId, sqlOf, type EntityManager, type Page, type PageArguments } from '@tessera/service/database';
import { AppError, notFound, parseInput } from '@tessera/service/errors';
import { plainTextSchema } from '@tessera/service/plain-text';
import { appendToOutbox, createDomainEvent } from '@tessera/service/events';
import { requireSuperAdmin } from '@tessera/service/identity';
import { legalHoldEventType, type Subject } from '@tessera/service/personal-data';
import type { DataScope } from '@tessera/service/tenancy';
import { z } from 'zod';
import { lockSubject } from './lock-subject.js';
import { LegalHoldEntity } from './legal-hold.entity.js';

const inputSchema = z.object({
  kind: z.enum(['tenant', 'person']),
  subjectId: z.uuid(),
  reason: plainTextSchema(500),
});

/** Legal holds: what a court or an authority wants kept is not erased, whoever asks for it. The platform's business. */
export class LegalHoldService {
  constructor(
    private readonly serviceScope: () => DataScope,
    private readonly now: () => Date = () => new Date(),
  ) {}

  /**
   * Puts a tenant or a person on hold. One that is on hold already stays so, for the reason of before.
   *
   * @throws AppError `FORBIDDEN` for who does not run the platform
   */
  async set(caller: AuditedCaller, input: unknown): Promise<LegalHoldEntity> {
    const { userId } = requireSuperAdmin(caller.principal);
    const { kind, subjectId, reason } = parseInput(inputSchema, input);
    return this.serviceScope().write(async (entityManager) => {
      await lockSubject(sqlOf(entityManager), { kind, id: subjectId });
      const existing = await entityManager.findOne(LegalHoldEntity, { kind, subjectId, clearedAt: null });
      if (existing !== null) return existing;
      const hold = Object.assign(new LegalHoldEntity(), {
        id: newId(),
        kind,
        subjectId,
        reason,
        setBy: userId,
        setAt: this.now(),
      });
      entityManager.persist(hold);
      await entityManager.flush();
      await this.#announce(entityManager, caller, hold, reason);
      return hold;
    });
  }

  /** @throws AppError `NOT_FOUND` for one that is not on hold */
  async clear(caller: AuditedCaller, input: unknown): Promise<LegalHoldEntity> {
    const { userId } = requireSuperAdmin(caller.principal);
    const { kind, subjectId, reason } = parseInput(inputSchema, input);
    return this.serviceScope().write(async (entityManager) => {
      await lockSubject(sqlOf(entityManager), { kind, id: subjectId });
      const hold = await entityManager.findOne(LegalHoldEntity, { kind, subjectId, clearedAt: null });
      if (hold === null) throw notFound('Legal hold');
      Object.assign(hold, { clearedBy: userId, clearedAt: this.now() });
      await entityManager.flush();
      await this.#announce(entityManager, caller, hold, reason);
      return hold;
    });
  }

  /** All that were ever set, the newest first. */
  async list({ principal }: AuditedCaller, page: PageArguments): Promise<Page<LegalHoldEntity>> {
    requireSuperAdmin(principal);
    const scope = this.serviceScope();
    return findPage(scope, LegalHoldEntity, {}, page, 'desc').finally(() => scope.close());
  }

  async #announce(
    entityManager: EntityManager,
    caller: AuditedCaller,
    { kind, subjectId, clearedAt }: LegalHoldEntity,
    reason: string,
  ): Promise<void> {
    const isHeld = clearedAt === null;
    const payload = { subject: { kind, id: subjectId }, isHeld };
    const note = {
      action: isHeld ? 'legalHold.set' : 'legalHold.cleared',
      targetType: kind === 'tenant' ? 'Tenant' : 'User',
      targetId: subjectId,
      details: { reason },
    };
    await appendToOutbox(sqlOf(entityManager), [
      createDomainEvent({ type: legalHoldEventType, payload }, this.now),
      // Into the platform's log alone: whoever is held need not know.
      auditEvent(caller, note, null),
    ]);
  }
}

/** Whether a subject is on hold, in the caller's transaction, which has locked the subject. */
export async function isHeld(entityManager: EntityManager, { kind, id }: Subject): Promise<boolean> {
  return (await entityManager.count(LegalHoldEntity, { kind, subjectId: id, clearedAt: null })) > 0;
}

/** @throws AppError `PRECONDITION_FAILED` with the reason `LEGAL_HOLD` */
export async function assertFree(entityManager: EntityManager, subject: Subject): Promise<void> {
  if (!(await isHeld(entityManager, subject))) return;
  throw new AppError('PRECONDITION_FAILED', 'A legal hold forbids to erase this', {
    details: { reason: 'LEGAL_HOLD' },
  });
}
