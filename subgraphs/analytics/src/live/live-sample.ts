import type { JsonObject } from '@tessera/service/json';
import { tenantUsageSchema, type TenantUsage } from '@tessera/service/metrics';
import { z } from 'zod';

/** The pub/sub channel on which all instances share what happens in a tenant. */
export const liveChannel = (tenantId: string): string => `live:${tenantId}`;

/** What happened in a tenant. `key` is the same for a sample that is broadcast and for the one read from the database. */
export const liveSampleSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('events'), key: z.string(), events: z.number().int().nonnegative() }),
  z.object({ kind: z.literal('usage'), key: z.string(), usage: tenantUsageSchema }),
]);

export type LiveSample = z.infer<typeof liveSampleSchema>;

/** Events of one call of `track`; the database's time of their arrival identifies them well enough. */
export function trackedSample(events: number, receivedAtMs: number): LiveSample & JsonObject {
  return { kind: 'events', key: String(receivedAtMs), events };
}

/** One gateway's report. */
export function usageSample(reportId: string, usage: TenantUsage): LiveSample & JsonObject {
  return { kind: 'usage', key: reportId, usage };
}
