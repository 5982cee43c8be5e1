import { z } from 'zod';

/**
 * Pub/sub channel on which the tenant subgraph tells every gateway that what it remembers of a tenant (plan, services that are
 * switched off) is not true any more. Message: {@link tenantChangeSchema}. It is a hint to ask again, so that messages that come
 * twice, late or in another order do no harm.
 */
export const tenantChangesChannel = 'tenant.changes';

export const tenantChangeSchema = z.object({ tenantId: z.uuid() });
