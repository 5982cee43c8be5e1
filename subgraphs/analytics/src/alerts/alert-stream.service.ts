import { requirePermission, type Principal } from '@tessera/service/identity';
import type { Logger } from '@tessera/service/logging';
import type { PushStream } from '../streams/push-stream.js';
import type { SharedFeeds } from '../streams/shared-feeds.js';
import type { AlertChange } from './alert-change.js';
import type { AlertFeed } from './alert-feed.js';

export interface AlertStreamOptions {
  readonly feeds: SharedFeeds<AlertFeed>;
  readonly logger: Logger;
  readonly readSequences: (tenantIds: readonly string[]) => Promise<ReadonlyMap<string, number>>;
  readonly pollIntervalMs?: number;
}

/** Delivers changes of alerts to subscribers. */
export class AlertStreamService {
  readonly #options: AlertStreamOptions;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: AlertStreamOptions) {
    this.#options = options;
  }

  /** Every change of the active tenant's alerts from now on, in order, until the iterator's `return`. */
  async watch(principal: Principal): Promise<PushStream<AlertChange>> {
    const { tenantId } = requirePermission(principal, 'alerts:read');
    const { feed, release } = this.#options.feeds.hold(tenantId);
    try {
      await feed.ready;
    } catch (error) {
      release();
      throw error;
    }
    return feed.subscribe(release);
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
