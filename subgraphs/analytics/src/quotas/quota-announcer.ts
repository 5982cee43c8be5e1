import type { Logger } from '@tessera/service/logging';
import type { PubSub } from '@tessera/service/pubsub';
import { quotaChangesChannel, type QuotaState } from '@tessera/service/quotas';

/** Tells gateways whether a tenant has API calls left. What gets lost is asked for by them, every half minute. */
export type AnnounceQuota = (state: QuotaState) => Promise<void>;

export function createQuotaAnnouncer(pubSub: PubSub, logger: Logger): AnnounceQuota {
  return async (state) => {
    await pubSub.publish(quotaChangesChannel, state).catch((error: unknown) => {
      logger.warn({ err: error }, 'gateways were not told of a quota; they ask for it a little later');
    });
  };
}
