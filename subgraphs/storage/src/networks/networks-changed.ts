import { sqlOf } from '@tessera/service/database';
import { securityPolicyEventType, securityPolicySchema } from '@tessera/service/security-policy';
import type { EventHandler } from '@tessera/service/subgraph';

/** Keeps from where tenants want to be asked. Events may come twice, and in another order. */
export const networksHandler: EventHandler = {
  types: [securityPolicyEventType],
  async handle({ id, tenantId, payload }, entityManager) {
    if (tenantId === undefined) throw new Error(`Event ${id} of a security policy names no tenant`);
    const { version, networks } = securityPolicySchema.parse(payload);
    await sqlOf(entityManager)(
      `insert into tenant_networks as known (tenant_id, version, networks)
       values ($1, $2, array(select jsonb_array_elements_text($3::jsonb)))
       on conflict (tenant_id) do update set version = excluded.version, networks = excluded.networks
         where known.version < excluded.version`,
      [tenantId, version, JSON.stringify(networks)],
    );
  },
};
