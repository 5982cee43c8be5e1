import { z } from 'zod';

/** Event by which whoever bills asks analytics for what tenants used; of no tenant. */
export const usageRequestEventType = 'billing.usageRequested';

/** Event by which analytics answers, one for each tenant that used anything. */
export const usageSummaryEventType = 'usage.summarised';

/** A day so far: a later summary of the same day replaces it, with numbers that are never smaller. The last one may come often. */
export const usageSummarySchema = z.object({
  /** In UTC, as `2026-11-21`. */
  day: z.string(),
  /** Whether the day is over. */
  isFinal: z.boolean(),
  apiCalls: z.number().int().nonnegative(),
  apiErrors: z.number().int().nonnegative(),
  events: z.number().int().nonnegative(),
  /** Different people in the month of that day, so far. */
  activeUsersOfMonth: z.number().int().nonnegative(),
});

export type UsageSummary = Readonly<z.infer<typeof usageSummarySchema>>;
