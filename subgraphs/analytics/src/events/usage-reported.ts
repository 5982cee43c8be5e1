import type { DomainEvent } from '@tessera/service/events';
import type { Logger } from '@tessera/service/logging';
import { tenantUsageEventType, tenantUsageSchema, type TenantUsage } from '@tessera/service/metrics';
import type { PubSub } from '@tessera/service/pubsub';
import type { EventHandler } from '@tessera/service/subgraph';
import { liveChannel, usageSample } from '../live/live-sample.js';
import { recordUsage } from '../usage/usage-store.js';

export interface UsageReportedOptions {
  readonly pubSub: PubSub;
  readonly logger: Logger;
}

/** Takes in gateways' reports of what tenants do: into the counters once, then to all who watch live metrics. */
export function createUsageHandler({ pubSub, logger }: UsageReportedOptions): EventHandler {
  return {
    types: [tenantUsageEventType],
    handle: async (event, entityManager) => {
      const report = readReport(event);
      // Delivering a broken report again would not mend it.
      if (report === undefined) logger.error({ eventId: event.id }, 'usage report is not valid');
      else await recordUsage(entityManager, report.tenantId, event.id, report.usage);
    },
    afterCommit: async (event) => {
      const report = readReport(event);
      if (report === undefined) return;
      await pubSub
        .publish(liveChannel(report.tenantId), usageSample(event.id, report.usage))
        .catch((error: unknown) => {
          logger.warn({ err: error }, 'usage report is missing from live metrics');
        });
    },
  };
}

function readReport(event: DomainEvent): { readonly tenantId: string; readonly usage: TenantUsage } | undefined {
  const usage = tenantUsageSchema.safeParse(event.payload);
  return usage.success && event.tenantId !== undefined ? { tenantId: event.tenantId, usage: usage.data } : undefined;
}
