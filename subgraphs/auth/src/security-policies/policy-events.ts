import { sqlOf } from '@tessera/service/database';
import { securityPolicyEventType, securityPolicySchema } from '@tessera/service/security-policy';
import type { EventHandler } from '@tessera/service/subgraph';

/**
 * Keeps what tenants ask of sessions. Gateways refuse the tokens that are about; who refreshes a session that does not comply gets
 * tokens of no tenant until it does.
 */
export const policyEventHandler: EventHandler = {
  types: [securityPolicyEventType],
  async handle({ id, tenantId, payload }, entityManager) {
    if (tenantId === undefined) throw new Error(`Event ${id} of a security policy names no tenant`);
    const policy = securityPolicySchema.parse(payload);
    // Events may come twice, and in another order.
    await sqlOf(entityManager)(
      `insert into tenant_policy (tenant_id, version, policy) values ($1, $2, $3::jsonb)
       on conflict (tenant_id) do update set version = excluded.version, policy = excluded.policy
         where tenant_policy.version < excluded.version`,
      [tenantId, policy.version, JSON.stringify(policy)],
    );
  },
};
