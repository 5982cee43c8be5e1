import { AppError } from '@tessera/service/errors';
import { requirePermission, type Principal } from '@tessera/service/identity';
import type { Logger } from '@tessera/service/logging';
import type { SharedFeeds } from '../streams/shared-feeds.js';
import { IdentifiedAlertChanges } from './identified-alert-changes.js';
import type { AlertFeed } from './alert-feed.js';

export interface AlertStreamOptions {
  readonly feeds: SharedFeeds<AlertFeed>;
  readonly logger: Logger;
  readonly readSequences: (tenantIds: readonly string[]) => Promise<ReadonlyMap<string, number>>;
  readonly pollIntervalMs?: number;
}

interface Watcher {
  readonly principal: Principal;
  readonly lastEventId?: string | null;
}

/** Delivers changes of alerts to subscribers. */
export class AlertStreamService {
  readonly #options: AlertStreamOptions;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: AlertStreamOptions) {
    this.#options = options;
  }

  /**
   * Every change of the active tenant's alerts, in order, until the iterator's `return`. Ids of events are positions among the
   * tenant's changes.
   *
   * @param lastEventId after which event it goes on; null and absent: from now on
   * @throws AppError `BAD_USER_INPUT` for what is no such id; `PRECONDITION_FAILED` for one that never was
   */
  async watch({ principal, lastEventId }: Watcher): Promise<IdentifiedAlertChanges> {
    const { tenantId } = requirePermission(principal, 'alerts:read');
    const after = typeof lastEventId === 'string' ? readSequence(lastEventId) : undefined;
    const { feed, release } = this.#options.feeds.hold(tenantId);
    try {
      await feed.ready;
      if (after !== undefined) await this.#assertReached(feed, tenantId, after);
    } catch (error) {
      release();
      throw error;
    }
    const changes = feed.subscribe(release, after);
    return new IdentifiedAlertChanges(changes, lastEventId === null ? feed.position : undefined);
  }

  /** Another instance may have been faster than this one, but not than the database. */
  async #assertReached(feed: AlertFeed, tenantId: string, sequence: number): Promise<void> {
    if (sequence <= feed.position) return;
    const last = (await this.#options.readSequences([tenantId])).get(tenantId) ?? 0;
    if (sequence > last) {
      throw new AppError(
        'PRECONDITION_FAILED',
        'No alert has changed so often: read them anew, and subscribe from now on',
      );
    }
  }

  /** Looks regularly, with one query for all tenants, whether an announcement got lost. */
  start(): void {
    this.#timer = setInterval(() => void this.#poll(), this.#options.pollIntervalMs ?? 2_000);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#options.feeds.closeAll();
  }

  async #poll(): Promise<void> {
    const { feeds, readSequences, logger } = this.#options;
    if (feeds.size === 0) return;
    try {
      for (const [tenantId, sequence] of await readSequences(feeds.tenantIds())) feeds.get(tenantId)?.notice(sequence);
    } catch (error) {
      logger.warn({ err: error }, 'sequences of alerts could not be read');
    }
  }
}

function readSequence(eventId: string): number {
  if (/^\d{1,15}$/.test(eventId)) return Number(eventId);
  throw new AppError('BAD_USER_INPUT', 'lastEventId is not the id of an event of alerts');
}
