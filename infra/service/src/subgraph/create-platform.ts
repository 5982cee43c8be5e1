import { loadConfig, type Environment } from '../config/index.js';
import { observePool, openDatabase, registerDatabaseChecks } from '../database/index.js';
import { observeOutbox, type SqlExecutor } from '../events/index.js';
import { Health } from '../health/index.js';
import { servicePrincipal } from '../identity/index.js';
import { createJobs, observeQueues, type JobObserver } from '../jobs/index.js';
import { Lifecycle } from '../lifecycle/index.js';
import { createLiveEvents } from '../live-events/index.js';
import { createLogger } from '../logging/index.js';
import { createMetrics, type Metrics } from '../metrics/index.js';
import { DataScope } from '../tenancy/index.js';
import { startTracing } from '../tracing/index.js';
import type { Subgraph, SubgraphConfig } from './declaration.js';
import { openReplication } from './open-replication.js';
import type { Platform, SharedAdapters } from './platform.js';
import { connectSharedAdapters } from './shared-adapters.js';

export interface CreateSubgraphOptions {
  readonly environment: Environment;
  /** In local mode, what the services of the process share; otherwise made from `REDIS_URL`. */
  readonly adapters?: SharedAdapters;
  /** Sees every SQL statement; tests count queries with it. */
  readonly onQuery?: (sql: string) => void;
}

/** Opens what every subgraph stands on, in the order in which a stop must not close it. */
export async function createPlatform(
  subgraph: Subgraph,
  { environment, adapters, onQuery }: CreateSubgraphOptions,
): Promise<Platform<SubgraphConfig>> {
  // Every subgraph's schema contains the shared fields, which is what SubgraphConfig names.
  const config = loadConfig(subgraph.configSchema, environment) as SubgraphConfig;
  const logger = createLogger({ service: subgraph.name, level: config.LOG_LEVEL });
  const lifecycle = new Lifecycle({
    logger,
    drainDelayMs: config.DRAIN_DELAY_MS,
    shutdownTimeoutMs: config.SHUTDOWN_TIMEOUT_MS,
  });
  const tracing = await startTracing({ service: subgraph.name, config, logger, lifecycle });
  const orm = openDatabase({
    entities: subgraph.entities,
    migrations: subgraph.migrations,
    url: config.DATABASE_URL,
    poolMax: config.DATABASE_POOL_MAX,
    logger,
    onQuery,
  });
  lifecycle.defer('database', () => orm.close());
  const metrics = createMetrics({ service: subgraph.name, withProcessMetrics: adapters === undefined });
  observePool(orm, metrics);
  const query: SqlExecutor = (sql, parameters) => orm.em.getConnection().execute(sql, [...parameters]);
  observeOutbox(query, metrics);
  observeQueues(query, metrics);
  const health = new Health(lifecycle);
  registerDatabaseChecks(orm, health);
  const shared =
    adapters ?? connectSharedAdapters(config.REDIS_URL, { service: subgraph.name, logger, lifecycle, health, metrics });
  return {
    ...shared,
    liveEvents:
      shared.liveEvents ?? createLiveEvents({ pubSub: shared.pubSub, redisUrl: config.REDIS_URL, logger, lifecycle }),
    config,
    logger,
    lifecycle,
    health,
    metrics,
    tracing,
    orm,
    replication: openReplication({ subgraph, config, logger, lifecycle, health, metrics, onQuery }),
    jobs: createJobs({
      connectionString: config.DATABASE_URL,
      logger,
      lifecycle,
      observe: observeJobs(metrics),
      settings: {
        heartbeatSeconds: config.JOB_HEARTBEAT_SECONDS,
        recurringPollingIntervalSeconds: config.RECURRING_JOB_POLL_SECONDS,
        superviseIntervalSeconds: Math.ceil(config.JOB_HEARTBEAT_SECONDS / 2),
      },
    }),
    serviceScope: (tenantId) => new DataScope(orm, servicePrincipal(tenantId)),
  };
}

function observeJobs(metrics: Metrics): JobObserver {
  const attempts = metrics.counter('jobs_attempts_total', 'Attempts at background jobs', ['queue', 'outcome']);
  const seconds = metrics.histogram('jobs_duration_seconds', 'Time of one attempt at a background job', ['queue']);
  return ({ queue, outcome, durationSeconds }) => {
    attempts.inc({ queue, outcome });
    seconds.observe({ queue }, durationSeconds);
  };
}
