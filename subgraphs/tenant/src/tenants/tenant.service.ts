import { LockMode, UniqueConstraintViolationException } from '@mikro-orm/core';
import { isId, newId, sqlOf, type RunSql } from '@tessera/service/database';
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

export interface TenantServiceOptions {
  /** Of the service, in a tenant and on behalf of a person. */
  readonly openScope: (tenantId: string, userId: string) => DataScope;
  readonly members: MemberService;
  readonly plans: PlanCatalogue;
  readonly catalogue: ServiceCatalogue;
  readonly slugTermDays: number;
  /** Of which one person is the administrator, at most; 0: any number. */
  readonly maxTenantsPerPerson: number;
  readonly now?: () => Date;
}

/** The tenants themselves: making, finding and changing them. */
export class TenantService {
  readonly #options: TenantServiceOptions;
  readonly #now: () => Date;

  constructor(options: TenantServiceOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => new Date());
  }

  /**
   * Creates a tenant with the caller as its first administrator. It is not the active one until the caller switches.
   *
   * @throws AppError `CONFLICT` for a slug that is taken, `QUOTA_EXCEEDED` for who administers too many tenants already
   */
  async create({ principal }: Caller, input: unknown): Promise<TenantEntity> {
    const { userId } = requireOneself(principal);
    const { name, slug } = parseInput(createSchema, input);
    const { openScope, members, plans, catalogue, slugTermDays, maxTenantsPerPerson } = this.#options;
    const tenant = Object.assign(new TenantEntity(), {
      id: newId(),
      name,
      slug,
      status: 'ACTIVE' as const,
      plan: plans.first.id,
      settings: {},
      disabledServices: [],
      createdAt: this.#now(),
    });
    // Nobody can be in a tenant that does not exist yet, so its first rows are written by the service itself.
    const written = openScope(tenant.id, userId).write(async (entityManager) => {
      if (maxTenantsPerPerson > 0) await assertFewTenants(sqlOf(entityManager), userId, maxTenantsPerPerson);
      await claimSlug(sqlOf(entityManager), tenant.id, slug, slugTermDays);
      entityManager.persist(tenant);
      await entityManager.flush();
      const payload = { name, slug, plan: tenant.plan, enabledServices: catalogue.enabledBut([]) };
      const event = createDomainEvent({ type: 'tenant.created', tenantId: tenant.id, payload });
      await appendToOutbox(sqlOf(entityManager), [event]);
      await announceLimits(entityManager, tenant, plans, this.#now);
      await members.add(entityManager, { tenantId: tenant.id, userId, role: 'TENANT_ADMIN' });
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

/** One of a person's at a time, so that of many at once none is too many. */
async function assertFewTenants(query: RunSql, userId: string, limit: number): Promise<void> {
  await query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [`tenants of ${userId}`]);
  const [row] = await query<{ readonly used: number }>(
    `select count(*)::int as used from membership where user_id = $1 and role = 'TENANT_ADMIN'`,
    [userId],
  );
  const used = row?.used ?? 0;
  if (used < limit) return;
  throw new AppError('QUOTA_EXCEEDED', `A person administers ${limit} tenants at most`, { details: { limit, used } });
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
