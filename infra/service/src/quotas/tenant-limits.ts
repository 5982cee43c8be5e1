import { z } from 'zod';

/**
 * Event by which the tenant subgraph says what a tenant's plan allows now: when it begins, gets another plan, and when the plan
 * itself has changed. Events come in no promised order: a lower version than the one that is known is of before.
 */
export const tenantLimitsEventType = 'tenant.limitsChanged';

const limitField = z.number().int().nonnegative().nullable();

/** What plans limit and others count. Null: no limit; of storage, whatever storage gives to all. */
export const meteredLimitsSchema = z.object({
  /** Operations through gateways, in a calendar month. */
  apiCallsPerMonth: limitField,
  /** Different people, in a calendar month. */
  activeUsersPerMonth: limitField,
  /** Tracked events, in a calendar month. */
  eventsPerMonth: limitField,
  /** Bytes of files, at any time. */
  storageBytes: limitField,
});

export type MeteredLimits = Readonly<z.infer<typeof meteredLimitsSchema>>;

export const tenantLimitsSchema = z.object({
  version: z.number().int().positive(),
  plan: z.string(),
  limits: meteredLimitsSchema,
});

export type TenantLimits = Readonly<z.infer<typeof tenantLimitsSchema>>;
