import { Health } from '@tessera/service/health';
import { createHttpServer, listen, startInternalServer } from '@tessera/service/http';
import { Lifecycle } from '@tessera/service/lifecycle';
import type { Logger } from '@tessera/service/logging';
import { createMetrics } from '@tessera/service/metrics';
import { NoSchemaIntrospectionCustomRule } from 'graphql';
import type { GatewayConfig, SubgraphUrls } from './config.js';
import { createEngine } from './execution/engine.js';
import { createSubgraphClient } from './execution/subgraph-client.js';
import { createGatewayAdapters, type GatewayAdapters } from './gateway-adapters.js';
import { createAuthenticate, createForwarding } from './guards/authenticate.js';
import { createDocumentLimits } from './guards/document-limits.js';
import { createKeySet, type KeySet } from './guards/key-set.js';
import { createRevocations } from './guards/revocations.js';
import { createOperationPath } from './operation-path.js';
import { createDocumentFinder } from './operations/automatic-persisted-queries.js';
import { createDocumentStore } from './operations/document-store.js';
import { createNativePlanner } from './planning/native-planner.js';
import { loadSupergraph } from './planning/supergraph.js';
import { createBalancedClient } from './registry/balanced-client.js';
import { registerSubgraphChecks } from './registry/subgraph-health.js';
import { createRoundRobin, locateSubgraphs } from './registry/subgraph-instances.js';
import { prepareAnswer } from './response/prepare-answer.js';
import { createSubscriptions } from './subscriptions/subscriptions.js';
import { createOperationObserver } from './telemetry/observe-operation.js';
import { createOperationMetrics } from './telemetry/operation-metrics.js';
import { startTenantUsageReporter } from './telemetry/tenant-usage-reporter.js';
import { addHttpTransport } from './transport/http/http-transport.js';
import { addPages } from './transport/pages/pages.js';
import { addWellKnown } from './transport/http/well-known.js';
import { addWebSocketTransport, type Sockets } from './transport/websocket/websocket-transport.js';

export type { GatewayAdapters } from './gateway-adapters.js';

export interface GatewayOptions {
  readonly config: GatewayConfig;
  readonly supergraphSdl: string;
  readonly logger: Logger;
  /** What is absent comes from `config.REDIS_URL`, or else lives in this process alone. Who hands one in closes it. */
  readonly adapters?: Partial<GatewayAdapters>;
  /** Replaces URLs of the supergraph and of `config.SUBGRAPH_URLS`. */
  readonly subgraphUrls?: SubgraphUrls;
}

/** A gateway that takes requests. */
export interface Gateway {
  readonly port: number;
  /** Where `/metrics` is, if `INTERNAL_PORT` is set. */
  readonly internalPort?: number;
  readonly lifecycle: Lifecycle;
  /** Drains, closes everything, and resolves when nothing is open any more. */
  stop(): Promise<void>;
}

/**
 * Wires the rooms in the order of a request and opens the port.
 *
 * @throws ConfigError for subgraphs that cannot be located; Error for text that is not a supergraph
 */
export async function createGateway(options: GatewayOptions): Promise<Gateway> {
  const { config, logger } = options;
  const lifecycle = new Lifecycle({
    logger,
    drainDelayMs: config.DRAIN_DELAY_MS,
    shutdownTimeoutMs: config.SHUTDOWN_TIMEOUT_MS,
  });
  try {
    return await open(options, lifecycle);
  } catch (error) {
    await lifecycle.stop();
    throw error;
  }
}

async function open(options: GatewayOptions, lifecycle: Lifecycle): Promise<Gateway> {
  const { config, logger } = options;
  const metrics = createMetrics({ service: 'gateway', withProcessMetrics: config.INTERNAL_PORT !== undefined });
  const adapters = createGatewayAdapters({
    given: options.adapters ?? {},
    redisUrl: config.REDIS_URL,
    logger,
    lifecycle,
    metrics,
  });
  const operationMetrics = createOperationMetrics(metrics);

  // What is served, and by whom.
  const supergraph = loadSupergraph(options.supergraphSdl);
  const urls = locateSubgraphs(supergraph, config.SUBGRAPH_URLS, options.subgraphUrls ?? new Map());

  // 1 bytes -> operation. The sockets are opened last, but rooms before them have something to say to them.
  const health = new Health(lifecycle);
  const server = createHttpServer({ logger, lifecycle, health, metrics, maxBodyBytes: config.MAX_BODY_BYTES });
  let sockets: Sockets | undefined;

  // 2 id or hash -> document
  const store = createDocumentStore({
    schema: supergraph.publicSchema,
    maxDocuments: config.MAX_DOCUMENTS,
    maxTokens: config.MAX_TOKENS,
    checks: [
      createDocumentLimits({
        maxDepth: config.MAX_DEPTH,
        maxAliases: config.MAX_ALIASES,
        maxRootFields: config.MAX_ROOT_FIELDS,
      }),
    ],
    rules: config.INTROSPECTION ? [] : [NoSchemaIntrospectionCustomRule],
    hideSuggestions: !config.INTROSPECTION,
  });
  const findDocument = createDocumentFinder({ store, cache: adapters.cache, ttlSeconds: config.APQ_TTL_SECONDS });

  // 3 may it run
  const keySet = config.JWKS_URL === undefined ? undefined : createKeySet({ url: config.JWKS_URL, logger });
  const authenticate = await guard(keySet, adapters, lifecycle, logger, (sessionId) =>
    sockets?.closeSession(sessionId),
  );

  // 4 how, 5 fetch, 6 answer
  const planner = createNativePlanner(supergraph);
  lifecycle.defer('planner', () => planner.close());
  const signing = config.PRINCIPAL_SECRET === undefined ? {} : { signingSecret: config.PRINCIPAL_SECRET };
  const subgraphClient = createBalancedClient({
    urls,
    createClient: (subgraphs) =>
      createSubgraphClient({
        subgraphs,
        timeoutMs: config.SUBGRAPH_TIMEOUT_MS,
        ...signing,
        onRequest: ({ subgraph, outcome, durationMs }) =>
          operationMetrics.subgraphRequest(subgraph, outcome, durationMs),
      }),
  });
  lifecycle.defer('subgraph connections', () => subgraphClient.close());
  const engine = createEngine({ supergraph, planner, subgraphClient, prepareAnswer, logger });
  const subscriptions = createSubscriptions({
    engine,
    logger,
    nextInstance: createRoundRobin(urls),
    signingSecret: config.PRINCIPAL_SECRET,
    eventTimeoutMs: config.REQUEST_TIMEOUT_MS,
    connectTimeoutMs: config.SUBGRAPH_TIMEOUT_MS,
    maxBufferedEvents: config.MAX_BUFFERED_EVENTS,
  });

  const usage = startTenantUsageReporter({
    eventBus: adapters.eventBus,
    logger,
    connected: () => sockets?.principals() ?? [],
  });
  lifecycle.defer('usage reports', () => usage.close());
  const observe = createOperationObserver(logger, operationMetrics, usage);
  const handler = createOperationPath({
    authenticate,
    findDocument,
    engine,
    subscriptions,
    metrics: operationMetrics,
    observe,
  });

  // The doors.
  addWellKnown(server, keySet);
  const servePage = addPages(server, { graphiql: config.GRAPHIQL });
  addHttpTransport(server, { handler, requestTimeoutMs: config.REQUEST_TIMEOUT_MS, servePage });
  sockets = addWebSocketTransport(server, {
    handler,
    logger,
    requestTimeoutMs: config.REQUEST_TIMEOUT_MS,
    connectionInitTimeoutMs: config.CONNECTION_INIT_TIMEOUT_MS,
    maxOperationsPerSocket: config.MAX_SUBSCRIPTIONS_PER_SOCKET,
    maxMessageBytes: config.MAX_BODY_BYTES,
    pingIntervalMs: config.SOCKET_PING_INTERVAL_MS,
  });
  registerSubgraphChecks(health, urls);
  const internalPort =
    config.INTERNAL_PORT === undefined
      ? undefined
      : await startInternalServer(metrics, lifecycle, { host: config.HOST, port: config.INTERNAL_PORT });
  const port = await listen(server, lifecycle, { host: config.HOST, port: config.PORT });
  closeSocketsOnStop(sockets, lifecycle, config.DRAIN_DELAY_MS);
  lifecycle.markReady();
  logger.info({ port, supergraph: supergraph.id, subgraphs: [...urls.keys()] }, 'the gateway takes requests');
  return { port, ...(internalPort === undefined ? {} : { internalPort }), lifecycle, stop: () => lifecycle.stop() };
}

/** Without keys nobody is authenticated here: a foreign supergraph's subgraphs judge tokens themselves. */
async function guard(
  keySet: KeySet | undefined,
  { pubSub }: GatewayAdapters,
  lifecycle: Lifecycle,
  logger: Logger,
  onRevoked: (sessionId: string) => void,
) {
  if (keySet === undefined) return createForwarding();
  const revocations = await createRevocations({ pubSub, logger, onRevoked });
  lifecycle.defer('revocations', () => revocations.close());
  return createAuthenticate({ keySet, isRevoked: (sessionId) => revocations.isRevoked(sessionId) });
}

/** Sockets go first, and spread over the time in which load balancers look away. */
function closeSocketsOnStop(sockets: Sockets, lifecycle: Lifecycle, drainDelayMs: number): void {
  lifecycle.drainSignal.addEventListener('abort', () => sockets.drain(drainDelayMs), { once: true });
  lifecycle.defer('sockets', () => sockets.close());
}
