import { z } from 'zod';

/** Event by which the tenant subgraph announces that a tenant may, or may not, be used any more. */
export const tenantStatusEventType = 'tenant.statusChanged';

export const tenantStatusSchema = z.object({ status: z.enum(['ACTIVE', 'SUSPENDED', 'DELETING']) });

/** Event by which the tenant subgraph announces that a tenant has another plan: `{ before, plan }`. */
export const tenantPlanEventType = 'tenant.planChanged';

export const tenantPlanSchema = z.object({ before: z.string(), plan: z.string() });

/** Event by which the tenant subgraph announces which services a tenant can use: `{ enabledServices, disabledServices }`. */
export const tenantServicesEventType = 'tenant.servicesChanged';
