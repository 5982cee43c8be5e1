import { ReadReplicas, type DatabaseSchema } from '../database/index.js';
import type { Health } from '../health/index.js';
import type { Lifecycle } from '../lifecycle/index.js';
import type { Logger } from '../logging/index.js';
import type { Metrics } from '../metrics/index.js';
import type { Replication } from '../tenancy/index.js';
import type { SubgraphConfig } from './declaration.js';

export interface OpenReplicationOptions {
  readonly subgraph: DatabaseSchema;
  readonly config: SubgraphConfig;
  readonly logger: Logger;
  readonly lifecycle: Lifecycle;
  readonly health: Health;
  readonly metrics: Metrics;
  readonly onQuery?: ((sql: string) => void) | undefined;
}

/** Opens what the configuration says of standbys; a subgraph without any pays nothing for them. */
export function openReplication(options: OpenReplicationOptions): Replication | undefined {
  const { subgraph, config, logger, lifecycle, health, metrics, onQuery } = options;
  const urls = config.DATABASE_REPLICA_URL;
  if (urls.length === 0) return config.DATABASE_NOTE_WRITES ? {} : undefined;
  const reads = metrics.counter('db_stale_reads_total', 'Reads that may be stale, by what became of them', ['outcome']);
  const replicas = new ReadReplicas({
    entities: subgraph.entities,
    migrations: subgraph.migrations,
    urls,
    poolMax: config.DATABASE_POOL_MAX,
    maxLagMs: config.DATABASE_REPLICA_MAX_LAG_MS,
    timeoutMs: config.DATABASE_REPLICA_TIMEOUT_MS,
    observe: (outcome) => reads.inc({ outcome }),
    logger,
    onQuery,
  });
  lifecycle.defer('read replicas', () => replicas.close());
  health.register('read replicas', () => replicas.check(), { required: false });
  return { replicas };
}
