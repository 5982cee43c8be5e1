import { z } from 'zod';

/** Pub/sub channel on which analytics tells gateways whether a tenant has API calls left: {@link quotaStateSchema}. */
export const quotaChangesChannel = 'quota.changes';

/** Where analytics lists the tenants that have none left, for a gateway that starts or may have missed a message. */
export const exhaustedQuotasPath = '/exhausted-quotas';

/**
 * Whether a tenant's API calls are used up. Messages may come late and in another order: of two, that of the higher version
 * of the tenant's limits is right, and within one version and month, that there are none left.
 */
export const quotaStateSchema = z.object({
  tenantId: z.uuid(),
  version: z.number().int().nonnegative(),
  used: z.number().int().nonnegative(),
  /** Null: no limit. */
  limit: z.number().int().nonnegative().nullable(),
  isExhausted: z.boolean(),
  /** When the month ends that this is about; ISO 8601. */
  resetsAt: z.iso.datetime(),
});

export type QuotaState = Readonly<z.infer<typeof quotaStateSchema>>;

export const exhaustedQuotasSchema = z.array(quotaStateSchema);
