import { newId, sqlOf, type EntityManager } from '@tessera/service/database';
import { servicePrincipal, unknownClient } from '@tessera/service/identity';
import type { Jobs } from '@tessera/service/jobs';
import type { Logger } from '@tessera/service/logging';
import type { EventHandler } from '@tessera/service/subgraph';
import { keyRedeemedEventType, keyRedeemedSchema, type DataScope } from '@tessera/service/tenancy';
import { lockTenant } from '../tenants/lock-tenant.js';
import type { PlanCatalogue } from './plan-catalogue.js';
import { setPlan, type NextPlan } from './set-plan.js';

const queue = 'end-plan-terms';
/** Every ten minutes: a plan may last a little longer, never shorter. */
const cron = '*/10 * * * *';
const batchSize = 500;
const dayMs = 24 * 60 * 60 * 1_000;

/**
 * Applies redeemed activation keys. A term of the plan that the tenant has already is added to it; another plan begins now,
 * and the one before the first of them comes back after it.
 */
export function applyRedeemedKeys(plans: PlanCatalogue, now: () => Date = () => new Date()): EventHandler {
  return {
    types: [keyRedeemedEventType],
    async handle({ id, tenantId, payload }, entityManager) {
      if (tenantId === undefined) throw new Error(`Event ${id} of an activation key names no tenant`);
      const { plan, termDays, redeemedBy } = keyRedeemedSchema.parse(payload);
      const tenant = await lockTenant(entityManager, tenantId);
      const next = nextPlan(tenant, plan, termDays, now());
      const principal = { ...servicePrincipal(tenantId), userId: redeemedBy };
      await setPlan(entityManager, tenant, next, { principal, client: unknownClient, requestId: id }, { plans, now });
    },
  };
}

/** Which plan a key leads to. A plan for good is never given a term by a key of the same plan. */
export function nextPlan(tenant: NextPlan, plan: string, termDays: number | null, now: Date): NextPlan {
  const isSame = tenant.plan === plan;
  if (termDays === null || (isSame && tenant.planEndsAt === null)) return { plan, planEndsAt: null, planAfter: null };
  const from = isSame && tenant.planEndsAt !== null && tenant.planEndsAt > now ? tenant.planEndsAt : now;
  return {
    plan,
    planEndsAt: new Date(from.getTime() + termDays * dayMs),
    planAfter: tenant.planAfter ?? tenant.plan,
  };
}

export interface PlanTermsOptions {
  readonly serviceScope: (tenantId?: string) => DataScope;
  readonly plans: PlanCatalogue;
  readonly logger: Logger;
  readonly now?: () => Date;
}

/** Plans the end of terms: one instance at a time does it. */
export async function endPlanTerms(jobs: Jobs, options: PlanTermsOptions): Promise<void> {
  await jobs.recur(queue, cron, async ({ signal }) => {
    const ended = await endOverdueTerms(options, signal);
    if (ended > 0) options.logger.info({ ended }, 'plans have ended');
  });
}

/** @returns how many tenants went back to the plan before */
export async function endOverdueTerms(options: PlanTermsOptions, signal: AbortSignal): Promise<number> {
  const { serviceScope, plans, now = () => new Date() } = options;
  let ended = 0;
  for (const tenantId of await findOverdue(serviceScope(), now())) {
    if (signal.aborted) break;
    const isEnded = await serviceScope(tenantId).write((entityManager) =>
      endTerm(entityManager, tenantId, { plans, now }),
    );
    if (isEnded) ended += 1;
  }
  return ended;
}

async function findOverdue(scope: DataScope, now: Date): Promise<readonly string[]> {
  try {
    const rows = await scope.read((entityManager) =>
      sqlOf(entityManager)<{ readonly id: string }>(
        'select id from tenant where plan_ends_at <= $1 order by plan_ends_at limit $2',
        [now.toISOString(), batchSize],
      ),
    );
    return rows.map(({ id }) => id);
  } finally {
    scope.close();
  }
}

/** Another key may have come in between. */
async function endTerm(
  entityManager: EntityManager,
  tenantId: string,
  { plans, now }: { readonly plans: PlanCatalogue; readonly now: () => Date },
): Promise<boolean> {
  const tenant = await lockTenant(entityManager, tenantId);
  const { planEndsAt, planAfter } = tenant;
  if (planEndsAt === null || planAfter === null || planEndsAt > now()) return false;
  const caller = { principal: servicePrincipal(tenantId), client: unknownClient, requestId: newId() };
  await setPlan(entityManager, tenant, { plan: planAfter, planEndsAt: null, planAfter: null }, caller, { plans, now });
  return true;
}
