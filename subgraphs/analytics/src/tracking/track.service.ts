import { parseInput } from '@tessera/service/errors';
import { requirePermission } from '@tessera/service/identity';
import type { Logger } from '@tessera/service/logging';
import type { PubSub } from '@tessera/service/pubsub';
import type { Caller } from '@tessera/service/tenancy';
import { liveChannel, trackedSample } from '../live/live-sample.js';
import { assertEventQuota } from '../quotas/event-quota.js';
import { insertEvents, type InsertedEvents } from './insert-events.js';
import { TenantTurns } from './tenant-turns.js';
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

/**
 * Of a tenant with a quota one call counts at a time, over all instances; more of its calls would only wait with a connection in
 * their hands that other tenants need.
 */
const maxLimitedAtOnce = 2;
const maxKnownLimited = 10_000;

/** Takes in events. */
export class TrackService {
  readonly #options: TrackServiceOptions;
  readonly #now: () => Date;
  readonly #turns = new TenantTurns(maxLimitedAtOnce);
  /** Tenants whose last call was held to a quota. */
  readonly #limited = new Set<string>();

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
    const store = (): Promise<InsertedEvents> =>
      scope.write(async (entityManager) => {
        const stored = await insertEvents(entityManager, tenantId, userId, events);
        this.#remember(tenantId, stored.isLimited);
        if (stored.isLimited && stored.accepted > 0) await assertEventQuota(entityManager, tenantId, stored.accepted);
        return stored;
      });
    const inserted = await (this.#limited.has(tenantId) ? this.#turns.take(tenantId, store) : store());
    if (inserted.accepted > 0) this.#broadcast(tenantId, inserted.accepted, inserted.receivedAtMs);
    return { accepted: inserted.accepted, duplicates: events.length - inserted.accepted };
  }

  #remember(tenantId: string, isLimited: boolean): void {
    if (!isLimited) this.#limited.delete(tenantId);
    else if (this.#limited.size < maxKnownLimited) this.#limited.add(tenantId);
  }

  /** Live numbers may miss a sample; the caller, whose events are safe, does not wait for it. */
  #broadcast(tenantId: string, events: number, receivedAtMs: number): void {
    const { pubSub, logger } = this.#options;
    pubSub.publish(liveChannel(tenantId), trackedSample(events, receivedAtMs)).catch((error: unknown) => {
      logger.warn({ err: error }, 'tracked events are missing from live metrics');
    });
  }
}
