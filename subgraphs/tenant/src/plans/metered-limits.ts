import { sqlOf, type EntityManager } from '@tessera/service/database';
import { appendToOutbox, createDomainEvent } from '@tessera/service/events';
import { meteredLimitsSchema, tenantLimitsEventType } from '@tessera/service/quotas';
import type { TenantEntity } from '../tenants/tenant.entity.js';
import type { PlanCatalogue } from './plan-catalogue.js';

/**
 * Says what the plan of a tenant allows, whose row is locked or new, in the same transaction. The version tells those who
 * count which of two announcements is the later one.
 */
export async function announceLimits(
  entityManager: EntityManager,
  tenant: TenantEntity,
  plans: PlanCatalogue,
  now: () => Date,
): Promise<void> {
  const { id: tenantId, plan } = tenant;
  const limits = meteredLimitsSchema.parse(plans.planOf(plan).limits);
  const [{ version } = { version: 1 }] = await sqlOf(entityManager)<{ version: number }>(
    `update tenant set limits_version = limits_version + 1, announced_limits = $2::jsonb
     where id = $1 returning limits_version as version`,
    [tenantId, JSON.stringify(limits)],
  );
  const event = { type: tenantLimitsEventType, tenantId, payload: { version, plan, limits } };
  await appendToOutbox(sqlOf(entityManager), [createDomainEvent(event, now)]);
}
