import { z } from 'zod';

/** Event of who counts: a tenant has used 80%, or all, of what its plan allows. Once per meter, period, limit and share. */
export const quotaWarningEventType = 'quota.warning';

export const quotaWarningSchema = z.object({
  meter: z.enum(['API_CALLS', 'ACTIVE_USERS', 'EVENTS', 'STORAGE_BYTES']),
  percent: z.union([z.literal(80), z.literal(100)]),
  used: z.number().int().nonnegative(),
  limit: z.number().int().nonnegative(),
  /** The month, as `2026-11`; null for what is not counted by time. */
  period: z.string().nullable(),
  resetsAt: z.iso.datetime().nullable(),
});

export type QuotaWarning = Readonly<z.infer<typeof quotaWarningSchema>>;

/** Which share of a limit is reached that somebody should be told of; a limit of nothing is none that can be reached. */
export function reachedShare(used: number, limit: number | null): 80 | 100 | undefined {
  if (limit === null || limit === 0) return undefined;
  if (used >= limit) return 100;
  return used * 100 >= limit * 80 ? 80 : undefined;
}
