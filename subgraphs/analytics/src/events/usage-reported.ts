import type { DomainEvent } from '@tessera/service/events';
import type { Logger } from '@tessera/service/logging';
import { tenantUsageEventType, tenantUsageSchema, type TenantUsage } from '@tessera/service/metrics';
import type { PubSub } from '@tessera/service/pubsub';
import type { QuotaState } from '@tessera/service/quotas';
import type { EventHandler } from '@tessera/service/subgraph';
import { recordActivity, recordCalls } from '../activity/member-days.js';
import { liveChannel, usageSample } from '../live/live-sample.js';
import { judgeCalls } from '../quotas/call-quota.js';
import type { AnnounceQuota } from '../quotas/quota-announcer.js';
import { recordUsage } from '../usage/usage-store.js';

export interface UsageReportedOptions {
  readonly pubSub: PubSub;
  readonly logger: Logger;
  readonly announceQuota: AnnounceQuota;
}

/** Takes in gateways' reports of what tenants do: into the counters once, then to all who watch live metrics. */
export function createUsageHandler({ pubSub, logger, announceQuota }: UsageReportedOptions): EventHandler {
  const states = new WeakMap<DomainEvent, QuotaState>();
  return {
    types: [tenantUsageEventType],
    handle: async (event, entityManager) => {
      const report = readReport(event);
      // Delivering a broken report again would not mend it.
      if (report === undefined) {
        logger.error({ eventId: event.id }, 'usage report is not valid');
        return;
      }
      const { tenantId, usage } = report;
      await recordActivity(entityManager, tenantId, usage.userIds);
      await recordCalls(entityManager, tenantId, usage.userCalls);
      // It may be about a tenant that is gone, and has nothing to be counted.
      if (usage.isOfPeopleAlone) return;
      const hasNewPeople = await recordUsage(entityManager, tenantId, event, usage);
      const state = await judgeCalls(entityManager, tenantId, hasNewPeople);
      if (state !== undefined) states.set(event, state);
    },
    afterCommit: async (event) => {
      const report = readReport(event);
      if (report === undefined || report.usage.isOfPeopleAlone) return;
      const state = states.get(event);
      // Said again at every report: a gateway that missed it has calls to report.
      if (state?.isExhausted === true) await announceQuota(state);
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
