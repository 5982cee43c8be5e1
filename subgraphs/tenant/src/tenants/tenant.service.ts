import { LockMode, UniqueConstraintViolationException } from '@mikro-orm/core';
import { isId, newId, sqlOf } from '@tessera/service/database';
import { AppError, notFound, parseInput } from '@tessera/service/errors';
import { plainTextSchema } from '@tessera/service/plain-text';
import { appendToOutbox, createDomainEvent } from '@tessera/service/events';
import { requirePermission, requireOneself, requireUser } from '@tessera/service/identity';
import type { Caller, DataScope } from '@tessera/service/tenancy';
import { z } from 'zod';
import type { ServiceCatalogue } from '../enabled-services/service-catalogue.js';
import type { MemberService } from '../members/member.service.js';
import { announceLimits } from '../plans/metered-limits.js';
import type { PlanCatalogue } from '../plans/plan-catalogue.js';
import { claimSlug, slugSchema, slugTaken } from '../slugs/slug.js';
import { TenantEntity } from './tenant.entity.js';

const nameSchema = plainTextSchema(200);

const createSchema = z.object({ name: nameSchema, slug: slugSchema });
const updateSchema = z.object({
  name: nameSchema.nullish(),
  settings: z.record(z.string(), z.unknown()).nullish(),
});

/** Settings are read with every look at a tenant. */
const maxSettingsBytes = 64 * 1_024;

export type CreateTenant = z.infer<typeof createSchema>;

/** The tenants themselves: making, finding and changing them. */
export class TenantService {
  constructor(
    private readonly serviceScope: (tenantId: string) => DataScope,
    private readonly members: MemberService,
    private readonly plans: PlanCatalogue,
    private readonly catalogue: ServiceCatalogue,
    private readonly slugTermDays: number,
    private readonly now: () => Date = () => new Date(),
  ) {}

  /** Creates a tenant with the caller as its first administrator. It is not the active one until the caller switches. */
  async create({ principal }: Caller, input: unknown): Promise<TenantEntity> {
    const { userId } = requireOneself(principal);
    const { name, slug } = parseInput(createSchema, input);
    const tenant = Object.assign(new TenantEntity(), {
      id: newId(),
      name,
      slug,
      status: 'ACTIVE' as const,
      plan: this.plans.first.id,
      settings: {},
      disabledServices: [],
      createdAt: this.now(),
    });
    // Nobody can be in a tenant that does not exist yet, so its first rows are written by the service itself.
    const written = this.serviceScope(tenant.id).write(async (entityManager) => {
      await claimSlug(sqlOf(entityManager), tenant.id, slug, this.slugTermDays);
      entityManager.persist(tenant);
      await entityManager.flush();
      const payload = { name, slug, plan: tenant.plan, enabledServices: this.catalogue.enabledBut([]) };
      const event = createDomainEvent({ type: 'tenant.created', tenantId: tenant.id, payload });
      await appendToOutbox(sqlOf(entityManager), [event]);
      await announceLimits(entityManager, tenant, this.plans, this.now);
      await this.members.add(entityManager, { tenantId: tenant.id, userId, role: 'TENANT_ADMIN' });
    });
    await written.catch((error: unknown) => {
      if (!(error instanceof UniqueConstraintViolationException)) throw error;
      throw slugTaken(slug, error);
    });
    return tenant;
  }

  /**
   * Finds a tenant that the caller is a member of; the active one without an id.
   *
   * @throws AppError `NOT_FOUND` for one that does not exist and for one that the caller is no member of
   */
  async find({ principal, scope }: Caller, id: string | undefined): Promise<TenantEntity | null> {
    const { tenantId } = requireUser(principal);
    const wanted = id ?? tenantId;
    if (wanted === undefined) return null;
    if (!isId(wanted)) throw notFound('Tenant');
    const tenant = await scope.read((entityManager) => entityManager.findOne(TenantEntity, { id: wanted }));
    if (tenant === null) throw notFound('Tenant');
    return tenant;
  }

  /** Changes the active tenant. Absent fields stay as they are. The row is locked, so that two changes at once add up. */
  async update({ principal, scope }: Caller, input: unknown): Promise<TenantEntity> {
    const { tenantId } = requirePermission(principal, 'tenant:manage');
    const { name, settings } = parseInput(updateSchema, input);
    return scope.write(async (entityManager) => {
      const lockMode = LockMode.PESSIMISTIC_WRITE;
      const tenant = await entityManager.findOneOrFail(TenantEntity, { id: tenantId }, { lockMode });
      tenant.name = name ?? tenant.name;
      if (settings !== null && settings !== undefined) tenant.settings = mergeSettings(tenant.settings, settings);
      await entityManager.flush();
      return tenant;
    });
  }
}

/** @throws AppError `BAD_USER_INPUT` where the result takes more than 64 KB as JSON */
function mergeSettings(current: TenantEntity['settings'], changes: TenantEntity['settings']): TenantEntity['settings'] {
  const settings = { ...current, ...changes };
  const bytes = Buffer.byteLength(JSON.stringify(settings));
  if (bytes <= maxSettingsBytes) return settings;
  throw new AppError('BAD_USER_INPUT', `Settings are larger than ${maxSettingsBytes} bytes`, {
    details: { bytes, maxBytes: maxSettingsBytes },
  });
}
