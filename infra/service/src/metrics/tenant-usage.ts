import { z } from 'zod';

/** Type of the event by which gateways report what tenants did through them. */
export const tenantUsageEventType = 'usage.reported';

/** Upper bounds, in milliseconds, of the latency counts in a {@link TenantUsage}; a last count takes what is slower. */
export const usageLatencyBoundsMs = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000];

/** What one tenant did through one gateway since that gateway's last report. */
export const tenantUsageSchema = z.object({
  /** The reporting gateway: gauges of different gateways add up, a later one of the same gateway replaces. */
  gatewayId: z.string(),
  windowMs: z.number().positive(),
  requests: z.number().int().nonnegative(),
  errors: z.number().int().nonnegative(),
  /** Requests per latency bound; one longer than {@link usageLatencyBoundsMs}. */
  latencyCounts: z.array(z.number().int().nonnegative()).length(usageLatencyBoundsMs.length + 1),
  /** Open sockets of the tenant's people, now. */
  activeConnections: z.number().int().nonnegative(),
  /** People of the tenant who called within the window or hold a socket open. */
  userIds: z.array(z.string()).max(1_000),
  /** People and how often they, or keys of theirs, called since that was told last; once a minute, otherwise nobody. */
  userCalls: z
    .array(z.tuple([z.string(), z.number().int().positive()]))
    .max(1_000)
    .default([]),
  /** Whether nothing else happened: what is told of people may come a minute after the rest. */
  isOfPeopleAlone: z.boolean().default(false),
});

export type TenantUsage = z.infer<typeof tenantUsageSchema>;
