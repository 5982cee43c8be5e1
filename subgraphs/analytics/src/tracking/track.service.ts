import { parseInput } from '@tessera/service/errors';
import { requirePermission } from '@tessera/service/identity';
import type { Logger } from '@tessera/service/logging';
import type { PubSub } from '@tessera/service/pubsub';
import type { Caller } from '@tessera/service/tenancy';
import { liveChannel, trackedSample } from '../live/live-sample.js';
import { assertEventQuota } from '../quotas/event-quota.js';
import { insertEvents } from './insert-events.js';
import { trackSchema } from './track-input.js';

export interface Tracked {
  readonly accepted: number;
  readonly duplicates: number;
}

export interface TrackServiceOptions {
  readonly pubSub: PubSub;
  readonly logger: Logger;
  readonly maxEventAgeDays: number;
  readonly now?: () => Date;
}

/** Takes in events. */
export class TrackService {
  readonly #options: TrackServiceOptions;
  readonly #now: () => Date;

  constructor(options: TrackServiceOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => new Date());
  }

  /**
   * Stores events into the active tenant, all or none; those whose message id is known already are left out.
   *
   * @throws AppError `QUOTA_EXCEEDED` where the tenant's plan allows fewer in this month
   */
  async track({ principal, scope }: Caller, input: unknown): Promise<Tracked> {
    const { tenantId, userId } = requirePermission(principal, 'events:write');
    const events = parseInput(trackSchema(this.#now(), this.#options.maxEventAgeDays), input);
    const inserted = await scope.write(async (entityManager) => {
      const stored = await insertEvents(entityManager, tenantId, userId, events);
      if (stored.isLimited && stored.accepted > 0) await assertEventQuota(entityManager, tenantId, stored.accepted);
      return stored;
    });
    if (inserted.accepted > 0) this.#broadcast(tenantId, inserted.accepted, inserted.receivedAtMs);
    return { accepted: inserted.accepted, duplicates: events.length - inserted.accepted };
  }

  /** Live numbers may miss a sample; the caller, whose events are safe, does not wait for it. */
  #broadcast(tenantId: string, events: number, receivedAtMs: number): void {
    const { pubSub, logger } = this.#options;
    pubSub.publish(liveChannel(tenantId), trackedSample(events, receivedAtMs)).catch((error: unknown) => {
      logger.warn({ err: error }, 'tracked events are missing from live metrics');
    });
  }
}
