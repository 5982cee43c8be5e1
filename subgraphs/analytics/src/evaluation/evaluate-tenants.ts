import { sqlOf } from '@tessera/service/database';
import type { Logger } from '@tessera/service/logging';
import type { DataScope } from '@tessera/service/tenancy';
import type { AnnounceAlertChanges } from '../alert-rules/alert-rule.service.js';
import { applyTransitions, type AlertTransition } from '../alerts/alert-transitions.js';
import { decide, type RuleObservation } from './decide.js';
import { observeRules } from './observe-rules.js';

export interface EvaluateTenantsOptions {
  readonly serviceScope: (tenantId?: string) => DataScope;
  readonly announce: AnnounceAlertChanges;
  readonly logger: Logger;
}

/** How long reading the rules of some tenants may take, in milliseconds. */
export const maxObservationMs = 3_000;

/**
 * Evaluates the rules of some tenants: reads them in one statement, and changes alerts tenant by tenant.
 *
 * @throws Error when they cannot be read, or not within {@link maxObservationMs}
 */
export async function evaluateTenants(options: EvaluateTenantsOptions, tenantIds: readonly string[]): Promise<void> {
  const byTenant = new Map<string, AlertTransition[]>();
  for (const observation of await observe(options, tenantIds)) {
    const transition = decide(observation);
    if (transition === undefined) continue;
    byTenant.set(observation.tenantId, [...(byTenant.get(observation.tenantId) ?? []), transition]);
  }
  for (const [tenantId, transitions] of byTenant) await apply(options, tenantId, transitions);
}

/** In a transaction, though nothing is written: the limit of time holds until its end. */
function observe({ serviceScope }: EvaluateTenantsOptions, tenantIds: readonly string[]): Promise<RuleObservation[]> {
  return serviceScope().write(async (entityManager) => {
    await sqlOf(entityManager)(`select set_config('statement_timeout', $1, true)`, [String(maxObservationMs)]);
    return observeRules(entityManager, tenantIds);
  });
}

/** Each tenant in a transaction of its own: what fails for one does not hold up the others. */
async function apply(
  { serviceScope, announce, logger }: EvaluateTenantsOptions,
  tenantId: string,
  transitions: readonly AlertTransition[],
): Promise<void> {
  try {
    const hasChanged = await serviceScope(tenantId).write((entityManager) =>
      applyTransitions(entityManager, tenantId, transitions),
    );
    if (hasChanged) announce(tenantId);
  } catch (error) {
    logger.error({ err: error, tenantId }, 'alerts of a tenant could not be changed');
  }
}

/** SQLSTATE of what a tenant's rules and data can bring about: a statement over its time, data exceptions, exceeded limits. */
const tenantFaultPattern = /^(57014|22...|54...)$/;

/** Whether evaluating others may work all the same. */
export function isTenantFault(error: unknown): boolean {
  const code = (error as { readonly code?: unknown } | null)?.code;
  return typeof code === 'string' && tenantFaultPattern.test(code);
}
