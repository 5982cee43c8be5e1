import { Health } from '@tessera/service/health';
import { listen } from '@tessera/service/http';
import { Lifecycle } from '@tessera/service/lifecycle';
import type { Logger } from '@tessera/service/logging';
import { createMetrics } from '@tessera/service/metrics';
import { startTracing, type Tracing } from '@tessera/service/tracing';
import { openAuthentication } from './authentication.js';
import type { GatewayConfig, SubgraphUrls } from './config.js';
import { createCacheMetrics } from './caching/cache-metrics.js';
import { createCaching, type Caching } from './caching/caching.js';
import type { ChangedThings } from './caching/tags/tag-names.js';
import { openInternalPort } from './caching-routes.js';
import { createGatewayAdapters, type GatewayAdapters } from './gateway-adapters.js';
import { grantByRole, type GrantPolicies } from './guards/authorization/authorization.js';
import { GeneratedCode } from './execution/generated-code.js';
import { createGeneration, type Generation, type GenerationGround } from './generation.js';
import { createKeySet } from './guards/key-set.js';
import { openGate } from './guards/open-gate.js';
import { passGate } from './guards/pass-gate.js';
import { openQuotas } from './guards/quotas/open-quotas.js';
import { openRateLimits } from './guards/rate-limits/open-rate-limits.js';
import { readRateRules } from './guards/rate-limits/rate-rules.js';
import { openTenants } from './guards/tenants/open-tenants.js';
import { openTransports } from './open-transports.js';
import { createOperationRoom, type OperationRoom } from './operation-room.js';
import { createKeptPlanning } from './planning/kept/kept-planning.js';
import { createBusyOperations } from './planning/busy-operations.js';
import { atOnce, inTurns } from './planning/pieces.js';
import type { SupergraphSource } from './planning/supergraph-source.js';
import { createSharedClients } from './shared-client.js';
import { limitSubscriptions } from './subscription-limits.js';
import { createSubgraphAccess, type SubgraphAccess } from './subgraph-access.js';
import { createStreams, type Streams } from './streams.js';
import { createSupergraphSwitch, type SupergraphSwitch } from './supergraph-switch.js';
import { createUseCounts } from './use-counts.js';
import { watchSource } from './watch-source.js';
import { openFieldUsage } from './open-field-usage.js';
import { createOperationObserver, type UseCounts } from './telemetry/observe-operation.js';
import { createOperationMetrics, type OperationMetrics } from './telemetry/operation-metrics.js';
import { traceOperations } from './telemetry/trace-operations.js';
import { startTenantUsageReporter } from './telemetry/tenant-usage-reporter.js';
import { LiveConnections } from './transport/live-connections.js';

export type { GatewayAdapters } from './gateway-adapters.js';

export interface GatewayOptions {
  readonly config: GatewayConfig;
  readonly supergraphSdl: string;
  /** Where later supergraphs come from; without it the first one stays. */
  readonly supergraphSource?: SupergraphSource;
  readonly logger: Logger;
  /** What is absent comes from `config.REDIS_URL`, or else lives in this process alone. Who hands one in closes it. */
  readonly adapters?: Partial<GatewayAdapters>;
  /** Decides on `@policy`; without it a role is the policy `role:NAME`, and all others are denied. */
  readonly grantPolicies?: GrantPolicies;
  /** Replaces URLs of the supergraph and of `config.SUBGRAPH_URLS`. */
  readonly subgraphUrls?: SubgraphUrls;
}

/** A gateway that takes requests. */
export interface Gateway {
  readonly port: number;
  /** Where `/metrics` is, if `INTERNAL_PORT` is set. */
  readonly internalPort?: number;
  readonly lifecycle: Lifecycle;
  /** Takes over another supergraph; see {@link SupergraphSwitch.offer}. */
  offerSupergraph(supergraphSdl: string): Promise<void>;
  /** Drains, closes everything, and resolves when nothing is open any more. */
  stop(): Promise<void>;
  /**
   * Forgets, here and in all gateways, what was kept of things that have changed.
   *
   * @throws AppError `OVERLOADED` where that could not be confirmed: say it again then
   */
  invalidate(things: ChangedThings): Promise<void>;
}

/** What every room may use. */
interface Ground {
  readonly config: GatewayConfig;
  readonly logger: Logger;
  readonly lifecycle: Lifecycle;
  readonly health: Health;
  readonly adapters: GatewayAdapters;
  readonly metrics: OperationMetrics;
  readonly useCounts: UseCounts;
  readonly operations: OperationRoom;
  readonly subgraphs: SubgraphAccess;
  /** Undefined where nothing is kept. */
  readonly caching: Caching | undefined;
  readonly connections: LiveConnections;
  readonly tracing: Tracing | undefined;
}

/** What rooms 2 to 6 may use as well. */
type Guarded = Ground & Pick<GenerationGround, 'authenticate' | 'rateLimits' | 'callQuotas' | 'tenants'>;

/** How many operations that are asked for, registered or not, are planned before another supergraph takes requests. */
const maxBusyOperations = 200;

interface Rooms {
  readonly first: Generation;
  readonly supergraphs: SupergraphSwitch;
  readonly callbacks: Streams['callbacks'];
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
  const metrics = createCacheMetrics(registry);
  const health = new Health(lifecycle);
  const rateRules = readRateRules(config);
  const adapters = createGatewayAdapters({
    given: options.adapters ?? {},
    redisUrl,
    logger,
    lifecycle,
    health,
    metrics,
    withRateLimits: rateRules !== undefined,
  });
  const operations = await createOperationRoom({ config, logger, lifecycle, adapters, registry });
  const ground: Ground = {
    config,
    logger,
    lifecycle,
    health,
    adapters,
    operations,
    caching: createCaching({ config, logger, lifecycle, metrics, ...adapters }),
    metrics: createOperationMetrics(registry),
    useCounts: createUseCounts(config, registry, operations.registered),
    subgraphs: createSubgraphAccess(config, registry),
    connections: new LiveConnections({
      maxConnections: config.MAX_LIVE_CONNECTIONS,
      maxConnectionsPerCaller: config.MAX_LIVE_CONNECTIONS_PER_CALLER,
      maxConnectionsPerTenant: config.MAX_LIVE_CONNECTIONS_PER_TENANT,
    }),
    tracing: await startTracing({ service: 'gateway', config, logger, lifecycle }),
  };

  const keySet = config.JWKS_URL === undefined ? undefined : createKeySet({ url: config.JWKS_URL, logger });
  const authenticate = await openAuthentication(ground, keySet);
  const tenants = openTenants({ config, logger, lifecycle, pubSub: adapters.pubSub });
  const { sharedBuckets } = ground.adapters;
  const rateLimits =
    rateRules &&
    openRateLimits(authenticate, {
      rules: rateRules,
      config,
      sharedBuckets,
      metrics: registry,
      logger,
      tenants: tenants?.directory,
    });
  const callQuotas = openQuotas({ config, logger, lifecycle, pubSub: adapters.pubSub });
  const guarded = { ...ground, authenticate, rateLimits, callQuotas, tenants };
  const { first, supergraphs, callbacks } = await createRooms(guarded, options);
  const gate = openGate(ground, registry);
  const limited = limitSubscriptions(supergraphs.handler, config);
  const handler = traceOperations(passGate(tenants?.policies.enforce(limited) ?? limited, gate), ground.tracing);

  const server = openTransports({ ...guarded, registry, handler, gate, keySet, callbacks });
  const { HOST: host, PORT, INTERNAL_PORT } = config;
  const internal = INTERNAL_PORT === undefined ? {} : await openInternalPort(registry, ground, INTERNAL_PORT);
  const port = await listen(server, lifecycle, { host, port: PORT, sockets: config.LISTEN_SOCKETS });
  closeConnectionsOnStop(ground);
  lifecycle.markReady();
  logger.info(
    { port, supergraph: first.supergraph.id, subgraphs: [...first.urls.keys()] },
    'the gateway takes requests',
  );
  return {
    port,
    ...internal,
    lifecycle,
    offerSupergraph: (supergraphSdl) => supergraphs.offer(supergraphSdl),
    stop: () => lifecycle.stop(),
    invalidate: async (things) => ground.caching?.invalidator.invalidate(things),
  };
}

/** Rooms 2 to 6, which hang on the supergraph: another one may come while requests run. */
async function createRooms(ground: Guarded, options: GatewayOptions): Promise<Rooms> {
  const { logger, lifecycle, health, adapters, metrics, connections, subgraphs } = ground;
  const { eventBus } = adapters;
  const usage = startTenantUsageReporter({ eventBus, logger, connected: () => connections.principals() });
  lifecycle.defer('usage reports', () => usage.close());
  const busyOperations = createBusyOperations();
  const streams = createStreams(ground);
  const generationGround: GenerationGround = {
    ...ground,
    streams: streams.hub,
    grantPolicies: options.grantPolicies ?? grantByRole,
    observe: createOperationObserver({
      logger,
      metrics,
      usage,
      counts: ground.useCounts,
      successfulShare: ground.config.LOG_SUCCESSFUL_SHARE,
    }),
    busyOperations,
    keptPlanning: createKeptPlanning(),
    generatedCode: new GeneratedCode(),
    fieldUsage: openFieldUsage(ground),
    clients: createSharedClients(subgraphs.open),
    subgraphUrls: options.subgraphUrls ?? new Map(),
  };
  const first = await createGeneration(generationGround, options.supergraphSdl, atOnce);
  streams.locate(first.urls);
  const supergraphs = createSupergraphSwitch({
    first,
    create: (sdl, rests) => createGeneration(generationGround, sdl, (pieces) => inTurns(pieces, rests)),
    operationsToWarm: () => [...busyOperations.busiest(maxBusyOperations), ...ground.operations.toWarm()],
    logger,
    onSwitch(generation, before) {
      for (const name of before.urls.keys()) health.unregister(name);
      subgraphs.registerChecks(health, generation.urls);
      streams.locate(generation.urls);
      logger.info({ supergraph: generation.supergraph.id }, 'requests go to another supergraph');
    },
  });
  lifecycle.defer('supergraphs', () => supergraphs.close());
  subgraphs.registerChecks(health, first.urls);
  health.register('supergraph', async () => supergraphs.assertAccepted(), { required: false });
  ground.operations.registerChecks(health);
  await ground.operations.start((operations) => supergraphs.warm(operations));
  watchSource(ground, supergraphs, options.supergraphSource);
  return { first, supergraphs, callbacks: streams.callbacks };
}

/** Sockets and streams go before the port does, and spread over the time in which load balancers look away. */
function closeConnectionsOnStop({ config, lifecycle, connections }: Ground): void {
  lifecycle.drainSignal.addEventListener('abort', () => connections.drain(config.DRAIN_DELAY_MS), { once: true });
  lifecycle.defer('live connections', () => connections.close());
}
