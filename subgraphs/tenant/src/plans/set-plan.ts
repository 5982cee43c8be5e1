import { auditEvent, type AuditedCaller } from '@tessera/service/audit';
import { sqlOf, type EntityManager } from '@tessera/service/database';
import { appendToOutbox, createDomainEvent } from '@tessera/service/events';
import { tenantPlanEventType } from '@tessera/service/tenancy';
import type { TenantEntity } from '../tenants/tenant.entity.js';
import { announceLimits } from './metered-limits.js';
import type { PlanCatalogue } from './plan-catalogue.js';

/** The plan that a tenant gets, and when that ends and which comes then; both null for one without a term. */
export type NextPlan = Pick<TenantEntity, 'plan' | 'planEndsAt' | 'planAfter'>;

/** Gives a tenant whose row is locked another plan, or another term of the same, and announces it in the same transaction. */
export async function setPlan(
  entityManager: EntityManager,
  tenant: TenantEntity,
  next: NextPlan,
  caller: AuditedCaller,
  { plans, now }: { readonly plans: PlanCatalogue; readonly now: () => Date },
): Promise<void> {
  const { id: tenantId, plan: before } = tenant;
  Object.assign(tenant, next);
  await entityManager.flush();
  const { plan, planEndsAt } = next;
  if (plan !== before) await announceLimits(entityManager, tenant, plans, now);
  const details = { before, plan, ...(planEndsAt !== null && { endsAt: planEndsAt.toISOString() }) };
  const note = { action: 'tenant.planChanged', targetType: 'Tenant', targetId: tenantId, details };
  await appendToOutbox(sqlOf(entityManager), [
    ...(plan === before
      ? []
      : [createDomainEvent({ type: tenantPlanEventType, tenantId, payload: { before, plan } }, now)]),
    auditEvent(caller, note, tenantId),
  ]);
}
