import { sqlOf, type EntityManager } from '@tessera/service/database';

/** A tenant that has rules to evaluate. */
export interface WatchedTenant {
  readonly tenantId: string;
  /** How many are evaluated. */
  readonly rules: number;
}

const watchedSql = `
  select tenant_id::text as "tenantId", count(*)::integer as rules
  from alert_rule where enabled and deleted_at is null group by tenant_id order by tenant_id`;

/** Every tenant with rules to evaluate; for the service itself, which may read across tenants. */
export function listWatchedTenants(entityManager: EntityManager): Promise<WatchedTenant[]> {
  return sqlOf(entityManager)<WatchedTenant>(watchedSql);
}

/**
 * Puts tenants together, so that a platform of many with a rule each costs few statements.
 *
 * @param maxRules of a group; a tenant that has more is one by itself
 * @returns ids of tenants by group
 */
export function groupTenants(tenants: readonly WatchedTenant[], maxRules: number): string[][] {
  const groups: string[][] = [];
  let room = 0;
  for (const { tenantId, rules } of tenants) {
    const group = groups.at(-1);
    if (group === undefined || rules > room) {
      groups.push([tenantId]);
      room = maxRules - rules;
    } else {
      group.push(tenantId);
      room -= rules;
    }
  }
  return groups;
}
