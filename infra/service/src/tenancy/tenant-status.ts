import { z } from 'zod';

/** Event by which the tenant subgraph announces that a tenant may, or may not, be used any more. */
export const tenantStatusEventType = 'tenant.statusChanged';

export const tenantStatusSchema = z.object({ status: z.enum(['ACTIVE', 'SUSPENDED', 'DELETING']) });
