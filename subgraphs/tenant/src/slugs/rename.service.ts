import { UniqueConstraintViolationException } from '@mikro-orm/core';
import { auditEvent, type AuditedCaller } from '@tessera/service/audit';
import { sqlOf } from '@tessera/service/database';
import { notFound, parseInput } from '@tessera/service/errors';
import { plainTextSchema } from '@tessera/service/plain-text';
import { appendToOutbox, createDomainEvent } from '@tessera/service/events';
import { requirePermission, requireUser } from '@tessera/service/identity';
import type { Caller, DataScope } from '@tessera/service/tenancy';
import { z } from 'zod';
import { lockTenant } from '../tenants/lock-tenant.js';
import { TenantEntity } from '../tenants/tenant.entity.js';
import { claimSlug, releaseSlug, slugSchema, slugTaken } from './slug.js';

const renameSchema = z.object({ name: plainTextSchema(200).nullish(), slug: slugSchema.nullish() });

/** What a tenant is called, and what it was called before. */
export class RenameService {
  constructor(
    private readonly serviceScope: (tenantId: string) => DataScope,
    private readonly termDays: number,
    private readonly now: () => Date = () => new Date(),
  ) {}

  /**
   * Renames the active tenant; absent fields stay as they are. The slug of before leads to it for a term.
   *
   * @throws AppError `CONFLICT` for a slug that another tenant has, or had not long ago
   */
  async rename(caller: Caller & AuditedCaller, input: unknown): Promise<TenantEntity> {
    const { tenantId } = requirePermission(caller.principal, 'tenant:manage');
    const { name, slug } = parseInput(renameSchema, input);
    const written = this.serviceScope(tenantId).write(async (entityManager) => {
      const query = sqlOf(entityManager);
      const tenant = await lockTenant(entityManager, tenantId);
      const before = { name: tenant.name, slug: tenant.slug };
      const after = { name: name ?? before.name, slug: slug ?? before.slug };
      if (after.name === before.name && after.slug === before.slug) return tenant;
      if (after.slug !== before.slug) {
        await claimSlug(query, tenantId, after.slug, this.termDays);
        await releaseSlug(query, tenantId, before.slug, this.termDays);
      }
      Object.assign(tenant, after);
      await entityManager.flush();
      const details = { before, after };
      await appendToOutbox(query, [
        createDomainEvent({ type: 'tenant.renamed', tenantId, payload: details }, this.now),
        auditEvent(caller, { action: 'tenant.renamed', targetType: 'Tenant', targetId: tenantId, details }),
      ]);
      return tenant;
    });
    return written.catch((error: unknown) => {
      if (!(error instanceof UniqueConstraintViolationException)) throw error;
      throw slugTaken(slug ?? '', error);
    });
  }

  /**
   * Finds a tenant that the caller is a member of by its slug, or by one that it had until not long ago.
   *
   * @throws AppError `NOT_FOUND` for one that does not exist and for one that the caller is no member of
   */
  async findBySlug({ principal, scope }: Caller, slug: string): Promise<TenantEntity> {
    requireUser(principal);
    if (!slugSchema.safeParse(slug).success) throw notFound('Tenant');
    return scope.read(async (entityManager) => {
      const [held] = await sqlOf(entityManager)<{ readonly tenantId: string }>(
        `select tenant_id as "tenantId" from tenant_slug
         where slug = $1 and (released_at is null or released_at >= now() - make_interval(days => $2))`,
        [slug, this.termDays],
      );
      const tenant = held && (await entityManager.findOne(TenantEntity, { id: held.tenantId }));
      if (tenant === undefined || tenant === null) throw notFound('Tenant');
      return tenant;
    });
  }
}
