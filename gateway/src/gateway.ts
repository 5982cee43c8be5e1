import { Health } from '@tessera/service/health';
import { createHttpServer, listen, startInternalServer } from '@tessera/service/http';
import { Lifecycle } from '@tessera/service/lifecycle';
import type { Logger } from '@tessera/service/logging';
import { createMetrics } from '@tessera/service/metrics';
import { NoSchemaIntrospectionCustomRule } from 'graphql';
import type { GatewayConfig, SubgraphUrls } from './config.js';
import { createEngine, type Engine } from './execution/engine.js';
import { createSubgraphClient } from './execution/subgraph-client.js';
import { createGatewayAdapters, type GatewayAdapters } from './gateway-adapters.js';
import { createAuthenticate, createForwarding, type Authenticate } from './guards/authenticate.js';
import { createDocumentLimits } from './guards/document-limits.js';
import { createKeySet, type KeySet } from './guards/key-set.js';
import { createRevocations } from './guards/revocations.js';
import { createOperationPath } from './operation-path.js';
import { createDocumentFinder, type FindDocument } from './operations/automatic-persisted-queries.js';
import { createDocumentStore } from './operations/document-store.js';
import { createPlanner } from './planning/create-planner.js';
import { loadSupergraph, type Supergraph } from './planning/supergraph.js';
import { createBalancedClient } from './registry/balanced-client.js';
import { registerSubgraphChecks } from './registry/subgraph-health.js';
import { createRoundRobin, locateSubgraphs } from './registry/subgraph-instances.js';
import { prepareAnswer } from './response/prepare-answer.js';
import { createSubscriptions } from './subscriptions/subscriptions.js';
import { createOperationObserver } from './telemetry/observe-operation.js';
import { createOperationMetrics, type OperationMetrics } from './telemetry/operation-metrics.js';
import { startTenantUsageReporter } from './telemetry/tenant-usage-reporter.js';
import { addHttpTransport } from './transport/http/http-transport.js';
import { addWellKnown } from './transport/http/well-known.js';
import { addPages } from './transport/pages/pages.js';
import { SocketRegistry } from './transport/websocket/socket-registry.js';
import { addWebSocketTransport } from './transport/websocket/websocket-transport.js';

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

/** What every room may use. */
interface Ground {
  readonly config: GatewayConfig;
  readonly logger: Logger;
  readonly lifecycle: Lifecycle;
  readonly adapters: GatewayAdapters;
  readonly metrics: OperationMetrics;
  readonly supergraph: Supergraph;
  readonly urls: SubgraphUrls;
  readonly sockets: SocketRegistry;
}

/**
 * Wires the rooms in the order of a request and opens the port.
 *
 * @throws ConfigError for subgraphs that cannot be located; Error for text that is not a supergraph
 */
export async function createGateway(options: GatewayOptions): Promise<Gateway> {
  const { config, logger } = options;
  const drainDelayMs = config.DRAIN_DELAY_MS;
  const lifecycle = new Lifecycle({ logger, drainDelayMs, shutdownTimeoutMs: config.SHUTDOWN_TIMEOUT_MS });
  try {
    return await open(options, lifecycle);
  } catch (error) {
    await lifecycle.stop();
    throw error;
  }
}

async function open(options: GatewayOptions, lifecycle: Lifecycle): Promise<Gateway> {
  const { config, logger } = options;
  const registry = createMetrics({ service: 'gateway', withProcessMetrics: config.INTERNAL_PORT !== undefined });
  const { REDIS_URL: redisUrl } = config;
  const supergraph = loadSupergraph(options.supergraphSdl);
  const ground: Ground = {
    config,
    logger,
    lifecycle,
    adapters: createGatewayAdapters({ given: options.adapters ?? {}, redisUrl, logger, lifecycle, metrics: registry }),
    metrics: createOperationMetrics(registry),
    supergraph,
    urls: locateSubgraphs(supergraph, config.SUBGRAPH_URLS, options.subgraphUrls ?? new Map()),
    sockets: new SocketRegistry(),
  };

  const keySet = config.JWKS_URL === undefined ? undefined : createKeySet({ url: config.JWKS_URL, logger });
  const findDocument = createOperationsRoom(ground);
  const authenticate = await createGuards(ground, keySet);
  const engine = await createEngineRooms(ground);
  const handler = createHandler(ground, authenticate, findDocument, engine);

  const health = new Health(lifecycle);
  registerSubgraphChecks(health, ground.urls);
  const maxBodyBytes = config.MAX_BODY_BYTES;
  const server = createHttpServer({ logger, lifecycle, health, metrics: registry, maxBodyBytes });
  addWellKnown(server, keySet);
  const servePage = addPages(server, { graphiql: config.GRAPHIQL });
  const requestTimeoutMs = config.REQUEST_TIMEOUT_MS;
  addHttpTransport(server, { handler, requestTimeoutMs, servePage });
  addWebSocketTransport(server, {
    handler,
    logger,
    requestTimeoutMs,
    sockets: ground.sockets,
    connectionInitTimeoutMs: config.CONNECTION_INIT_TIMEOUT_MS,
    maxOperationsPerSocket: config.MAX_SUBSCRIPTIONS_PER_SOCKET,
    maxMessageBytes: maxBodyBytes,
    pingIntervalMs: config.SOCKET_PING_INTERVAL_MS,
  });

  const { HOST: host, PORT, INTERNAL_PORT } = config;
  const internal =
    INTERNAL_PORT === undefined
      ? {}
      : { internalPort: await startInternalServer(registry, lifecycle, { host, port: INTERNAL_PORT }) };
  const port = await listen(server, lifecycle, { host, port: PORT });
  closeSocketsOnStop(ground);
  lifecycle.markReady();
  logger.info({ port, supergraph: supergraph.id, subgraphs: [...ground.urls.keys()] }, 'the gateway takes requests');
  return { port, ...internal, lifecycle, stop: () => lifecycle.stop() };
}

/** Room 2, id or hash -> document; the checks of room 3 that do not depend on who asks are made here, once. */
function createOperationsRoom({ config, adapters, supergraph }: Ground): FindDocument {
  const limits = createDocumentLimits({
    maxDepth: config.MAX_DEPTH,
    maxAliases: config.MAX_ALIASES,
    maxRootFields: config.MAX_ROOT_FIELDS,
  });
  const store = createDocumentStore({
    schema: supergraph.publicSchema,
    maxDocuments: config.MAX_DOCUMENTS,
    maxTokens: config.MAX_TOKENS,
    checks: [limits],
    rules: config.INTROSPECTION ? [] : [NoSchemaIntrospectionCustomRule],
    hideSuggestions: !config.INTROSPECTION,
  });
  return createDocumentFinder({ store, cache: adapters.cache, ttlSeconds: config.APQ_TTL_SECONDS });
}

/** Room 3, may it run. Without keys nobody is authenticated: a foreign supergraph's subgraphs judge tokens themselves. */
async function createGuards(ground: Ground, keySet: KeySet | undefined): Promise<Authenticate> {
  if (keySet === undefined) return createForwarding();
  const { adapters, logger, lifecycle, sockets } = ground;
  const revocations = await createRevocations({
    pubSub: adapters.pubSub,
    logger,
    onRevoked: (sessionId) => sockets.closeSession(sessionId),
  });
  lifecycle.defer('revocations', () => revocations.close());
  return createAuthenticate({ keySet, isRevoked: (sessionId) => revocations.isRevoked(sessionId) });
}

/** Rooms 4 to 6, how, fetch and answer. */
async function createEngineRooms({ config, logger, lifecycle, supergraph, urls, metrics }: Ground): Promise<Engine> {
  const planTimeoutMs = config.PLAN_TIMEOUT_MS;
  const planner = createPlanner(supergraph, {
    choice: config.PLANNER,
    maxPlanMs: planTimeoutMs,
    onFallback(reason) {
      metrics.plannerFallback();
      logger.info({ err: reason }, 'the second planner is asked');
    },
  });
  lifecycle.defer('planner', () => planner.close());
  await planner.ready();
  const signing = config.PRINCIPAL_SECRET === undefined ? {} : { signingSecret: config.PRINCIPAL_SECRET };
  const subgraphClient = createBalancedClient({
    urls,
    createClient: (subgraphs) =>
      createSubgraphClient({
        subgraphs,
        timeoutMs: config.SUBGRAPH_TIMEOUT_MS,
        ...signing,
        onRequest: ({ subgraph, outcome, durationMs }) => metrics.subgraphRequest(subgraph, outcome, durationMs),
      }),
  });
  lifecycle.defer('subgraph connections', () => subgraphClient.close());
  return createEngine({ supergraph, planner, subgraphClient, prepareAnswer, logger, planTimeoutMs });
}

/** Puts the rooms in a row, streams and telemetry beside them. */
function createHandler(ground: Ground, authenticate: Authenticate, findDocument: FindDocument, engine: Engine) {
  const { config, logger, lifecycle, adapters, metrics, sockets, urls } = ground;
  const subscriptions = createSubscriptions({
    engine,
    logger,
    nextInstance: createRoundRobin(urls),
    signingSecret: config.PRINCIPAL_SECRET,
    eventTimeoutMs: config.REQUEST_TIMEOUT_MS,
    connectTimeoutMs: config.SUBGRAPH_TIMEOUT_MS,
    maxBufferedEvents: config.MAX_BUFFERED_EVENTS,
  });
  const { eventBus } = adapters;
  const usage = startTenantUsageReporter({ eventBus, logger, connected: () => sockets.principals() });
  lifecycle.defer('usage reports', () => usage.close());
  const observe = createOperationObserver(logger, metrics, usage);
  return createOperationPath({ authenticate, findDocument, engine, subscriptions, metrics, observe });
}

/** Sockets go before the port does, and spread over the time in which load balancers look away. */
function closeSocketsOnStop({ config, lifecycle, sockets }: Ground): void {
  lifecycle.drainSignal.addEventListener('abort', () => sockets.drain(config.DRAIN_DELAY_MS), { once: true });
  lifecycle.defer('sockets', () => sockets.close());
}
