import type { AuditedCaller } from '@tessera/service/audit';
import { AppError, parseInput } from '@tessera/service/errors';
import { requireSuperAdmin } from '@tessera/service/identity';
import type { DataScope } from '@tessera/service/tenancy';
import { z } from 'zod';
import { lockTenant } from '../tenants/lock-tenant.js';
import type { TenantEntity } from '../tenants/tenant.entity.js';
import type { PlanCatalogue } from './plan-catalogue.js';
import { setPlan } from './set-plan.js';

const changeSchema = z.object({ tenantId: z.uuid(), plan: z.string() });

/** Which plan a tenant has: the platform's business, done from outside of any tenant. */
export class PlanService {
  constructor(
    private readonly serviceScope: (tenantId: string) => DataScope,
    readonly catalogue: PlanCatalogue,
    private readonly now: () => Date = () => new Date(),
  ) {}

  /**
   * Gives a tenant another plan. What it has beyond a smaller plan's limits stays; only nothing more can be added.
   *
   * @throws AppError `FORBIDDEN` for who does not run the platform, `BAD_USER_INPUT` for a plan that does not exist
   */
  async change(caller: AuditedCaller, input: unknown): Promise<TenantEntity> {
    requireSuperAdmin(caller.principal);
    const { tenantId, plan } = parseInput(changeSchema, input);
    if (!this.catalogue.has(plan)) throw new AppError('BAD_USER_INPUT', `There is no plan ${JSON.stringify(plan)}`);
    return this.serviceScope(tenantId).write(async (entityManager) => {
      const tenant = await lockTenant(entityManager, tenantId);
      if (tenant.plan === plan && tenant.planEndsAt === null) return tenant;
      // What the platform decides is for good: a term of an activation key ends with it.
      await setPlan(entityManager, tenant, { plan, planEndsAt: null, planAfter: null }, caller, {
        plans: this.catalogue,
        now: this.now,
      });
      return tenant;
    });
  }
}
