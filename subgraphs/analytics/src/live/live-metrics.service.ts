import { parseInput } from '@tessera/service/errors';
import { requirePermission, type Principal } from '@tessera/service/identity';
import { z } from 'zod';
import type { SharedFeeds } from '../streams/shared-feeds.js';
import { createTicker } from '../streams/ticker.js';
import type { LiveFeed } from './live-feed.js';
import type { LiveNumbers } from './live-window.js';

const intervalSchema = z.object({ intervalMs: z.number().int().min(250).max(60_000) });

export interface LiveMetrics extends LiveNumbers {
  readonly at: Date;
}

/** The numbers of now, for dashboards. */
export class LiveMetricsService {
  readonly #feeds: SharedFeeds<LiveFeed>;
  readonly #now: () => Date;

  constructor(feeds: SharedFeeds<LiveFeed>, now: () => Date = () => new Date()) {
    this.#feeds = feeds;
    this.#now = now;
  }

  /** Watches the active tenant: numbers at once, then every interval, until the iterator's `return`. */
  async watch(principal: Principal, intervalMs: number): Promise<AsyncIterableIterator<LiveMetrics>> {
    const { tenantId } = requirePermission(principal, 'metrics:read');
    parseInput(intervalSchema, { intervalMs });
    const { feed, release } = this.#feeds.hold(tenantId);
    await feed.ready;
    return createTicker({
      intervalMs,
      produce: () => ({ at: this.#now(), ...feed.snapshot() }),
      onEnd: release,
    });
  }
}
