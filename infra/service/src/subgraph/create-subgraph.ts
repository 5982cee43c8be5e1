import { assertConfinedRole, assertMigrated, assertReachable } from '../database/index.js';
import { startOutboxRelay } from '../events/index.js';
import { createHttpServer, listen, startInternalServer } from '../http/index.js';
import type { Running } from '../lifecycle/index.js';
import { SubjectEraser, subjectPrincipal, type Subject } from '../personal-data/index.js';
import { createObservedGate } from '../overload/index.js';
import { DataScope } from '../tenancy/index.js';
import { consumeEvents } from './consume-events.js';
import { createPlatform, type CreateSubgraphOptions } from './create-platform.js';
import type { Subgraph } from './declaration.js';
import { dispatchEvents } from './dispatch-events.js';
import { addExportRoute } from './export-route.js';
import { forgetConsumedEvents } from './forget-events.js';
import { forgetRecentWrites } from './forget-writes.js';
import { addGraphqlRoute, graphqlPath } from './graphql-route.js';
import { requestContextFactory } from './request-context.js';
import { addSubscriptionSocket } from './subscription-socket.js';
import { traceRequests } from './trace-requests.js';

const maxBodyBytes = 5_000_000;

/** A subgraph that listens for events but not yet for requests. */
export interface CreatedSubgraph extends Running {
  /** Opens the port and starts jobs. @returns the port that was taken */
  start(): Promise<number>;
}

/**
 * Puts one subgraph together. Two steps, so that in local mode all consumers stand before the first event is published.
 *
 * @throws ConfigError for an environment that is not valid; StartError for what the environment leads to and cannot be worked with
 */
export async function createSubgraph(subgraph: Subgraph, options: CreateSubgraphOptions): Promise<CreatedSubgraph> {
  const platform = await createPlatform(subgraph, options);
  const { config, logger, lifecycle, health, metrics, orm } = platform;
  try {
    await assertReachable(orm, 'DATABASE_URL');
    await assertConfinedRole(orm);
    await assertMigrated(orm, { ...subgraph, logger, waitMs: config.DATABASE_MIGRATION_WAIT_MS });
    await platform.replication?.replicas?.assertConfined();
    const assembly = await subgraph.assemble(platform);
    const openSubjectScope = (subject: Subject) => new DataScope(orm, subjectPrincipal(subject));
    const eraser = new SubjectEraser({
      subgraph: subgraph.name,
      inventory: subgraph.personalData,
      openScope: openSubjectScope,
      jobs: platform.jobs,
      beforeRows: assembly.beforeErasure,
      lateArrivalSeconds: assembly.lateArrivalSeconds,
    });
    consumeEvents(platform, subgraph.name, dispatchEvents([...(assembly.events ? [assembly.events] : []), eraser]));
    const { schema } = await subgraph.buildSchema();
    const server = createHttpServer({ logger, lifecycle, health, metrics, maxBodyBytes });
    traceRequests(server, graphqlPath, platform.tracing);
    const graphql = {
      subgraph: subgraph.name,
      schema,
      principalSecrets: config.PRINCIPAL_SECRET,
      gate: createObservedGate(
        { maxConcurrent: config.MAX_CONCURRENT_REQUESTS, maxQueueMs: config.MAX_QUEUE_MS, lifecycle },
        metrics,
      ),
      createRequestContext: requestContextFactory(platform, assembly.createContext),
      lifecycle,
      logger,
    };
    await addGraphqlRoute(server, graphql);
    addSubscriptionSocket(server, graphql);
    await addExportRoute(server, {
      subgraph: subgraph.name,
      principalSecrets: config.PRINCIPAL_SECRET,
      inventory: subgraph.personalData,
      openScope: openSubjectScope,
    });
    await assembly.addRoutes?.(server);
    return {
      start: async () => {
        await platform.jobs.start();
        await eraser.registerJobs();
        const keptDays = config.CONSUMED_EVENT_DAYS;
        await forgetConsumedEvents(platform.jobs, { openScope: platform.serviceScope, keptDays });
        await forgetRecentWrites(platform.jobs, platform.serviceScope);
        await assembly.registerJobs?.(platform.jobs);
        await assembly.start?.();
        startOutboxRelay({ connectionString: config.DATABASE_URL, bus: platform.eventBus, logger, lifecycle });
        const port = await listen(server, lifecycle, { host: config.HOST, port: config.PORT });
        if (config.INTERNAL_PORT !== undefined) {
          await startInternalServer(metrics, lifecycle, { host: config.HOST, port: config.INTERNAL_PORT });
        }
        lifecycle.markReady();
        logger.info({ port }, 'subgraph is ready');
        return port;
      },
      stop: () => lifecycle.stop(),
    };
  } catch (error) {
    await lifecycle.stop();
    throw error;
  }
}
