import type { MikroORM } from '@mikro-orm/postgresql';
import type { Cache } from '../cache/index.js';
import type { EventBus } from '../events/index.js';
import type { Health } from '../health/index.js';
import type { Jobs } from '../jobs/index.js';
import type { Lifecycle } from '../lifecycle/index.js';
import type { LiveEvents } from '../live-events/index.js';
import type { Logger } from '../logging/index.js';
import type { Metrics } from '../metrics/index.js';
import type { PubSub } from '../pubsub/index.js';
import type { DataScope, Replication } from '../tenancy/index.js';
import type { Tracing } from '../tracing/index.js';

/** What is shared by several services: Redis in distributed mode, adapters in this process in local mode. */
export interface SharedAdapters {
  readonly cache: Cache;
  readonly pubSub: PubSub;
  readonly eventBus: EventBus;
  /** In local mode; otherwise made over Redis. */
  readonly liveEvents?: LiveEvents;
}

/** What a subgraph builds its services from. */
export interface Platform<Config> extends SharedAdapters {
  /** What subscription fields with `@Events` are bound to. */
  readonly liveEvents: LiveEvents;
  readonly config: Config;
  readonly logger: Logger;
  readonly lifecycle: Lifecycle;
  readonly health: Health;
  readonly metrics: Metrics;
  /** Where no collector is configured, nothing is traced. */
  readonly tracing: Tracing | undefined;
  readonly orm: MikroORM;
  /** Present where callers' reads may go to standbys of the database, here or in other instances. */
  readonly replication: Replication | undefined;
  /** Usable from the moment the subgraph has started. */
  readonly jobs: Jobs;
  /** The database as the service itself sees it, inside one tenant or in none: for jobs and events. */
  serviceScope(tenantId?: string): DataScope;
}
