import { tenantChangesChannel } from '@tessera/service/identity';
import type { PubSub } from '@tessera/service/pubsub';
import { securityPolicyEventType } from '@tessera/service/security-policy';
import type { EventHandler } from '@tessera/service/subgraph';
import { tenantPlanEventType, tenantServicesEventType, tenantStatusEventType } from '@tessera/service/tenancy';

/**
 * Tells every gateway to ask again for a tenant that has changed. By the way of this subgraph's own events, because a change is
 * announced after it was committed, and not forgotten where the process ends in between.
 */
export function announceTenantChanges(pubSub: PubSub): EventHandler {
  return {
    types: [tenantPlanEventType, tenantServicesEventType, tenantStatusEventType, securityPolicyEventType],
    async handle({ id, tenantId }) {
      if (tenantId === undefined) throw new Error(`Event ${id} of a tenant names no tenant`);
      await pubSub.publish(tenantChangesChannel, { tenantId });
    },
  };
}
