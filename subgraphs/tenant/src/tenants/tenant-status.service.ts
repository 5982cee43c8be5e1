import { auditEvent, type AuditedCaller } from '@tessera/service/audit';
import { sqlOf } from '@tessera/service/database';
import { AppError, parseInput } from '@tessera/service/errors';
import { plainTextSchema } from '@tessera/service/plain-text';
import { appendToOutbox, createDomainEvent } from '@tessera/service/events';
import { requireSuperAdmin } from '@tessera/service/identity';
import { tenantStatusEventType, type DataScope } from '@tessera/service/tenancy';
import { z } from 'zod';
import { lockTenant } from './lock-tenant.js';
import type { TenantEntity, TenantStatus } from './tenant.entity.js';

const suspendSchema = z.object({ tenantId: z.uuid(), reason: plainTextSchema(500) });
const resumeSchema = z.object({ tenantId: z.uuid() });

/** Locking tenants and letting them in again: the platform's business, done from outside of any tenant. */
export class TenantStatusService {
  constructor(
    private readonly serviceScope: (tenantId: string) => DataScope,
    private readonly now: () => Date = () => new Date(),
  ) {}

  /**
   * Locks a tenant: within a second nobody is in it any more, and nobody gets in. Nothing of it is lost.
   *
   * @throws AppError `FORBIDDEN` for who does not run the platform, `PRECONDITION_FAILED` for one that is being erased
   */
  async suspend(caller: AuditedCaller, input: unknown): Promise<TenantEntity> {
    requireSuperAdmin(caller.principal);
    const { tenantId, reason } = parseInput(suspendSchema, input);
    return this.#change(caller, tenantId, 'SUSPENDED', { action: 'tenant.suspended', details: { reason } });
  }

  /** Unlocks it; members can switch to it again at once. */
  async resume(caller: AuditedCaller, input: unknown): Promise<TenantEntity> {
    requireSuperAdmin(caller.principal);
    const { tenantId } = parseInput(resumeSchema, input);
    return this.#change(caller, tenantId, 'ACTIVE', { action: 'tenant.resumed' });
  }

  async #change(
    caller: AuditedCaller,
    tenantId: string,
    status: TenantStatus,
    note: Parameters<typeof auditEvent>[1],
  ): Promise<TenantEntity> {
    return this.serviceScope(tenantId).write(async (entityManager) => {
      const tenant = await lockTenant(entityManager, tenantId);
      if (tenant.status === status) return tenant;
      if (tenant.status === 'DELETING') throw new AppError('PRECONDITION_FAILED', 'The tenant is being erased');
      tenant.status = status;
      await entityManager.flush();
      await appendToOutbox(sqlOf(entityManager), [
        createDomainEvent({ type: tenantStatusEventType, tenantId, payload: { status } }, this.now),
        auditEvent(caller, { ...note, targetType: 'Tenant', targetId: tenantId }, tenantId),
      ]);
      return tenant;
    });
  }
}
