import { readFileSync } from 'node:fs';
import { AppError, StartError } from '@tessera/service/errors';
import { z } from 'zod';
import { defaultPlans, planSchema, type Plan, type PlanLimit } from './plan.js';

const catalogueSchema = z
  .array(planSchema)
  .min(1)
  .refine((plans) => new Set(plans.map(({ id }) => id)).size === plans.length, 'must not name a plan twice');

/** The plans that tenants can have: the one place that knows what a plan allows. */
export class PlanCatalogue {
  readonly all: readonly Plan[];
  readonly first: Plan;
  readonly #byId: ReadonlyMap<string, Plan>;

  /** @param plans at least one; a tenant begins with the first */
  constructor(plans: readonly Plan[]) {
    const [first] = plans;
    if (first === undefined) throw new TypeError('A catalogue has at least one plan');
    this.all = plans;
    this.first = first;
    this.#byId = new Map(plans.map((plan) => [plan.id, plan]));
  }

  has(id: string): boolean {
    return this.#byId.has(id);
  }

  /** A plan that was taken out of the catalogue while tenants had it gives what the first one gives. */
  planOf(id: string): Plan {
    return this.#byId.get(id) ?? this.first;
  }

  hasFeature(id: string, feature: string): boolean {
    return this.planOf(id).features.includes(feature);
  }

  /**
   * Asserts that one more is allowed. Whoever calls it holds a lock on the tenant's row, or two could be the last one.
   *
   * @param used how many there are
   * @throws AppError `QUOTA_EXCEEDED` with limit, used and plan in its details
   */
  assertRoom(id: string, limit: PlanLimit, used: number): void {
    const plan = this.planOf(id);
    const most = plan.limits[limit];
    if (most === null || used < most) return;
    throw new AppError('QUOTA_EXCEEDED', `Plan ${plan.name} allows ${most} ${limitNames[limit]}`, {
      details: { limit, max: most, used, plan: plan.id },
    });
  }
}

const limitNames: Readonly<Record<PlanLimit, string>> = {
  seats: 'members',
  openInvitations: 'open invitations',
  groups: 'groups',
  domains: 'e-mail domains',
};

/**
 * @param path of a JSON file with a list of plans; the default plans without one
 * @throws StartError for a file that cannot be read, or is not such a list
 */
export function loadPlanCatalogue(path: string | undefined): PlanCatalogue {
  if (path === undefined) return new PlanCatalogue(defaultPlans);
  try {
    return new PlanCatalogue(catalogueSchema.parse(JSON.parse(readFileSync(path, 'utf8'))));
  } catch (error) {
    const reason = error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message;
    throw new StartError(`Plans cannot be read from ${path}: ${reason}`, { cause: error });
  }
}
