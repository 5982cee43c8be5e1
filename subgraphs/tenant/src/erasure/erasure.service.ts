import { LockMode } from '@mikro-orm/core';
import { auditEvent, type AuditedCaller } from '@tessera/service/audit';
import { isId, newId, sqlOf, type EntityManager } from '@tessera/service/database';
import { AppError, notFound, parseInput } from '@tessera/service/errors';
import { plainTextSchema } from '@tessera/service/plain-text';
import { appendToOutbox, createDomainEvent } from '@tessera/service/events';
import {
  isPlatformAdmin,
  requireOneself,
  requirePermission,
  requireSuperAdmin,
  requireUser,
  type Principal,
} from '@tessera/service/identity';
import type { JsonObject } from '@tessera/service/json';
import type { Subject } from '@tessera/service/personal-data';
import { tenantStatusEventType, type Caller, type DataScope } from '@tessera/service/tenancy';
import { z } from 'zod';
import { assertFree } from '../legal-holds/legal-hold.service.js';
import { lockSubject } from '../legal-holds/lock-subject.js';
import type { AccountClient } from '../references/account-client.js';
import { lockTenant } from '../tenants/lock-tenant.js';
import type { TenantStatus } from '../tenants/tenant.entity.js';
import { ErasureEntity, ErasureReportEntity, subjectOf } from './erasure.entity.js';
import type { LastAdministrators } from './last-administrators.js';

const inputSchema = z.object({ scope: z.enum(['TENANT', 'MYSELF']) });
const personSchema = z.object({ userId: z.uuid(), reason: plainTextSchema(500) });

type AskingCaller = Caller & AuditedCaller;
type Accounts = Pick<AccountClient, 'requireRecentAuthentication' | 'hasAccount'>;

export interface ErasureServiceOptions {
  readonly serviceScope: (tenantId?: string) => DataScope;
  /** Knows how recently somebody has proven who they are; without it nobody can ask for an erasure. */
  readonly accounts: Accounts | undefined;
  readonly lastAdministrators: LastAdministrators;
  readonly graceHours: number;
  /** Plans the look for erasures that are due. */
  readonly planBeginning: (entityManager: EntityManager, afterSeconds: number) => Promise<void>;
  readonly now?: () => Date;
}

/** Asking for erasures, and thinking better of it. */
export class ErasureService {
  readonly #options: ErasureServiceOptions;
  readonly #now: () => Date;

  constructor(options: ErasureServiceOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => new Date());
  }

  /**
   * Plans an erasure. A tenant is `DELETING` at once: nobody is in it any more, and nothing of it is lost until it begins.
   * Asking again changes nothing.
   *
   * @throws AppError `PRECONDITION_FAILED` without a recent proof of who asks, on legal hold, and for the last administrator
   *   of a tenant
   */
  async request(caller: AskingCaller, input: unknown): Promise<ErasureEntity> {
    const { userId } = requireOneself(caller.principal);
    const { scope } = parseInput(inputSchema, input);
    const subject: Subject =
      scope === 'TENANT'
        ? { kind: 'tenant', id: requireAdministrator(caller.principal) }
        : { kind: 'person', id: userId };
    await this.#prove(caller.principal);
    return this.#plan(caller, subject, userId, {});
  }

  /**
   * Plans the erasure of somebody else, for who runs the platform; only they can cancel it. Asking again changes nothing.
   *
   * @throws AppError `FORBIDDEN` for who does not run the platform, `NOT_FOUND` for who has no account, otherwise as
   *   {@link request}
   */
  async requestFor(caller: AskingCaller, input: unknown): Promise<ErasureEntity> {
    const admin = requireSuperAdmin(caller.principal);
    const { userId: id, reason } = parseInput(personSchema, input);
    const accounts = await this.#prove(caller.principal);
    if (!(await accounts.hasAccount(admin, id))) throw notFound('User');
    return this.#plan(caller, { kind: 'person', id }, admin.userId, { reason });
  }

  async #prove(principal: Principal): Promise<Accounts> {
    const { accounts } = this.#options;
    if (accounts === undefined)
      throw new AppError('PRECONDITION_FAILED', 'This platform has no step-up: nothing is erased');
    await accounts.requireRecentAuthentication(principal);
    return accounts;
  }

  async #plan(
    caller: AskingCaller,
    subject: Subject,
    requestedBy: string,
    details: JsonObject,
  ): Promise<ErasureEntity> {
    const { lastAdministrators, graceHours, planBeginning } = this.#options;
    if (subject.kind === 'person') await lastAdministrators.assertNone(subject.id);
    const requestedAt = this.#now();
    const erasure = Object.assign(new ErasureEntity(), {
      id: newId(),
      kind: subject.kind,
      subjectId: subject.id,
      requestedBy,
      requestedAt,
      dueAt: new Date(requestedAt.getTime() + graceHours * 3_600_000),
    });
    return this.#write(subject, async (entityManager) => {
      await lockSubject(sqlOf(entityManager), subject);
      const open = { kind: subject.kind, subjectId: subject.id, cancelledAt: null, completedAt: null };
      const planned = await entityManager.findOne(ErasureEntity, open);
      if (planned !== null) return planned;
      await assertFree(entityManager, subject);
      entityManager.persist(erasure);
      await entityManager.flush();
      if (subject.kind === 'tenant') await this.#setStatus(entityManager, subject.id, 'ACTIVE', 'DELETING');
      await this.#report(entityManager, caller, erasure, 'erasureRequested', details);
      await planBeginning(entityManager, graceHours * 3_600);
      return erasure;
    });
  }

  /**
   * @returns null without an id where the caller may see none
   * @throws AppError `NOT_FOUND` for one that does not exist, and for one that is none of the caller's business
   */
  async find(caller: Caller, id: string | undefined): Promise<ErasureEntity | null> {
    requireUser(caller.principal);
    if (id === undefined) {
      const newest = { orderBy: { id: 'desc' as const }, limit: 1 };
      const rows = await caller.scope.read((entityManager) => entityManager.find(ErasureEntity, {}, newest));
      return rows[0] ?? null;
    }
    if (!isId(id)) throw notFound('Erasure');
    const erasure = await this.#readAs(caller, (entityManager) => entityManager.findOne(ErasureEntity, { id }));
    if (erasure === null) throw notFound('Erasure');
    return erasure;
  }

  /** Of an erasure that the caller could see. */
  async listReports(caller: Caller, erasureId: string): Promise<readonly ErasureReportEntity[]> {
    return this.#readAs(caller, (entityManager) =>
      entityManager.find(ErasureReportEntity, { erasureId }, { orderBy: { subgraph: 'asc' } }),
    );
  }

  /** @throws AppError `PRECONDITION_FAILED` for one that has begun, `FORBIDDEN` to the person whom the platform has it erased */
  async cancel(caller: AskingCaller, id: string): Promise<ErasureEntity> {
    const { userId } = requireOneself(caller.principal);
    const seen = await this.find(caller, id);
    if (seen === null) throw notFound('Erasure');
    if (seen.kind === 'person' && seen.requestedBy !== userId && !isPlatformAdmin(caller.principal)) {
      throw new AppError('FORBIDDEN', 'Only who runs the platform can cancel what the platform asked for');
    }
    const subject = subjectOf(seen);
    return this.#write(subject, async (entityManager) => {
      await lockSubject(sqlOf(entityManager), subject);
      const lockMode = LockMode.PESSIMISTIC_WRITE;
      const erasure = await entityManager.findOneOrFail(ErasureEntity, { id }, { lockMode });
      if (erasure.cancelledAt !== null) return erasure;
      if (erasure.startedAt !== null) throw new AppError('PRECONDITION_FAILED', 'The erasure has begun');
      erasure.cancelledAt = this.#now();
      await entityManager.flush();
      if (subject.kind === 'tenant') await this.#setStatus(entityManager, subject.id, 'DELETING', 'ACTIVE');
      await this.#report(entityManager, caller, erasure, 'erasureCancelled');
      return erasure;
    });
  }

  /** Row-level security decides, but for who runs the platform. */
  async #readAs<T>(caller: Caller, work: (entityManager: EntityManager) => Promise<T>): Promise<T> {
    if (!isPlatformAdmin(caller.principal)) return caller.scope.read(work);
    const scope = this.#options.serviceScope();
    return scope.read(work).finally(() => scope.close());
  }

  /** As the service, inside the tenant that it is about: who cancels is in none. */
  #write<T>({ kind, id }: Subject, work: (entityManager: EntityManager) => Promise<T>): Promise<T> {
    return this.#options.serviceScope(kind === 'tenant' ? id : undefined).write(work);
  }

  async #setStatus(
    entityManager: EntityManager,
    tenantId: string,
    before: TenantStatus,
    status: TenantStatus,
  ): Promise<void> {
    const tenant = await lockTenant(entityManager, tenantId);
    if (tenant.status !== before) throw new AppError('PRECONDITION_FAILED', `The tenant is ${tenant.status}`);
    tenant.status = status;
    await entityManager.flush();
    const event = { type: tenantStatusEventType, tenantId, payload: { status } };
    await appendToOutbox(sqlOf(entityManager), [createDomainEvent(event, this.#now)]);
  }

  async #report(
    entityManager: EntityManager,
    caller: AuditedCaller,
    { id, kind, subjectId, dueAt }: ErasureEntity,
    verb: string,
    more: JsonObject = {},
  ): Promise<void> {
    const isTenant = kind === 'tenant';
    const note = {
      action: `${isTenant ? 'tenant' : 'person'}.${verb}`,
      targetType: isTenant ? 'Tenant' : 'User',
      targetId: subjectId,
      details: { erasureId: id, dueAt: dueAt.toISOString(), ...more },
    };
    await appendToOutbox(sqlOf(entityManager), [auditEvent(caller, note, isTenant ? subjectId : null)]);
  }
}

/** Whoever may change a tenant may not always end it: only its administrators may. */
function requireAdministrator(principal: Principal): string {
  const { tenantId, roles } = requirePermission(principal, 'tenant:manage');
  if (!roles.includes('TENANT_ADMIN')) throw new AppError('FORBIDDEN', 'Role TENANT_ADMIN is required');
  return tenantId;
}
