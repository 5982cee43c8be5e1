import type { Logger } from '@tessera/service/logging';
import type { Tracing } from '@tessera/service/tracing';
import type { DocumentNode } from 'graphql';
import { createAuthorizedEngine, type AuthorizedEngine } from './authorized-engine.js';
import type { Caching } from './caching/caching.js';
import type { SupergraphCaching } from './caching/supergraph-caching.js';
import type { GatewayConfig, SubgraphUrls } from './config.js';
import { createDocumentRoom, type DocumentRoom } from './document-room.js';
import { createEngine } from './execution/engine.js';
import type { GeneratedCode } from './execution/generated-code.js';
import type { PreparedOperation } from './execution/prepared-operation.js';
import type { SubgraphClient } from './execution/subgraph-client.js';
import type { GatewayAdapters } from './gateway-adapters.js';
import type { Authenticate } from './guards/authenticate.js';
import { createAuthorization, type GrantPolicies } from './guards/authorization/authorization.js';
import { createAdmission, type Admission } from './guards/admit-operation.js';
import { createOperationCosts } from './guards/cost/operation-cost.js';
import type { RateLimits } from './guards/rate-limits/rate-limits.js';
import type { Tenants } from './guards/tenants/open-tenants.js';
import { createServiceGuard, type ServiceGuard } from './guards/tenants/service-guard.js';
import { createOperationPath } from './operation-path.js';
import type { OperationRoom } from './operation-room.js';
import type { BusyOperations } from './planning/busy-operations.js';
import { createPlanner } from './planning/create-planner.js';
import type { KeptPlanning } from './planning/kept/kept-planning.js';
import { compareSupergraphs } from './planning/kept/unaffected-documents.js';
import type { Pace } from './planning/pieces.js';
import type { Planner } from './planning/planner.js';
import { loadSupergraphAt, type Supergraph } from './planning/supergraph.js';
import { locateSubgraphs } from './registry/subgraph-instances.js';
import { maskFault, showFault } from './response/error-masking.js';
import { createPrepareAnswer } from './response/prepare-answer.js';
import type { SharedClients } from './shared-client.js';
import type { CallQuotas } from './guards/quotas/call-quotas.js';
import { readEventBindings, type EventBindings } from './subscriptions/events/event-bindings.js';
import { createEventSources } from './subscriptions/events/event-sources.js';
import { assertKnownStreams } from './stream-transports.js';
import type { StreamHub } from './subscriptions/stream-hub.js';
import { createSubscriptions } from './subscriptions/subscriptions.js';
import type { FieldUsage } from './telemetry/field-usage/field-usage.js';
import type { ObserveOperation } from './telemetry/observe-operation.js';
import type { OperationMetrics } from './telemetry/operation-metrics.js';
import { countSubgraphRequests } from './telemetry/count-calls.js';
import { tracePlanner, traceSubgraphClient } from './telemetry/trace-calls.js';
import type { OperationHandler } from './transport/operation-handler.js';
import { createWarmUp, type WarmUp } from './warm-up.js';

/** What outlives a supergraph. */
export interface GenerationGround {
  readonly config: GatewayConfig;
  readonly logger: Logger;
  readonly adapters: GatewayAdapters;
  readonly metrics: OperationMetrics;
  readonly authenticate: Authenticate;
  /** Absent where nothing is limited. */
  readonly rateLimits: RateLimits | undefined;
  /** Absent where nobody counts tenants' calls. */
  readonly callQuotas: CallQuotas | undefined;
  /** Absent where nothing is known of tenants. */
  readonly tenants: Tenants | undefined;
  readonly grantPolicies: GrantPolicies;
  readonly observe: ObserveOperation;
  readonly operations: OperationRoom;
  readonly busyOperations: BusyOperations;
  readonly keptPlanning: KeptPlanning;
  readonly generatedCode: GeneratedCode;
  /** Absent where nobody wants to know which fields clients use. */
  readonly fieldUsage: FieldUsage | undefined;
  readonly clients: SharedClients;
  readonly streams: StreamHub;
  readonly caching: Caching | undefined;
  readonly tracing: Tracing | undefined;
  /** Replaces URLs of every supergraph and of `config.SUBGRAPH_URLS`. */
  readonly subgraphUrls: SubgraphUrls;
}

/** The rooms that hang on one supergraph. */
export interface Generation {
  readonly supergraph: Supergraph;
  readonly urls: SubgraphUrls;
  readonly handler: OperationHandler;
  readonly documents: DocumentRoom;
  /** @param before whose valid documents need not be validated again, where nothing has changed that they rest on */
  warmUp(before?: Pick<Generation, 'supergraph' | 'documents'>): WarmUp;
  close(): Promise<void>;
}

/**
 * Builds the rooms of one supergraph.
 *
 * @param pace how fast the supergraph is loaded
 * @throws ConfigError for subgraphs that cannot be located or are none of it; Error with the reasons for text that is not a supergraph
 */
export async function createGeneration(
  ground: GenerationGround,
  supergraphSdl: string,
  pace: Pace,
): Promise<Generation> {
  const { config, logger, metrics } = ground;
  const { supergraph, document } = await loadSupergraphAt(pace, supergraphSdl);
  const urls = locateSubgraphs(supergraph, config.SUBGRAPH_URLS, ground.subgraphUrls);
  assertKnownStreams(config, urls);
  const bindings = readEventBindings(supergraph);
  const documents = createDocumentRoom(config, supergraph);
  const { inspector } = documents;
  const planTimeoutMs = config.PLAN_TIMEOUT_MS;
  const subgraphClient = countSubgraphRequests(ground.clients.take(urls));
  const planner = createPlanner(supergraph, {
    choice: config.PLANNER,
    maxPlanMs: planTimeoutMs,
    kept: ground.keptPlanning,
    onFallback(reason) {
      metrics.plannerFallback();
      logger.debug({ reason: reason.message }, 'the second planner is asked');
    },
  });
  try {
    await planner.ready();
  } catch (error) {
    await Promise.all([planner.close(), subgraphClient.close()]);
    throw error;
  }
  const caching = ground.caching?.forSupergraph(supergraph);
  const plain = createEngine({
    supergraph,
    entityMemory: caching?.entityMemory,
    ...traceCalls(ground, { planner, subgraphClient }),
    prepareAnswer: createPrepareAnswer(config.SUBGRAPH_ERRORS === 'shown' ? showFault : maskFault),
    generatedCode: ground.generatedCode,
    logger,
    // The planner itself ends plans that run for too long; this ends the waiting for one that is given no time to run.
    planTimeoutMs: 2 * planTimeoutMs,
    maxExpandedSelections: config.MAX_SELECTIONS,
  });
  const planned = new WeakSet<PreparedOperation>();
  const services = ground.tenants && createServiceGuard(supergraphSdl, ground.tenants.directory);
  const engine = createAuthorizedEngine(
    plain,
    { authorization: createAuthorizationRoom(ground, document), services },
    config.JWKS_URL !== undefined,
  );
  return {
    supergraph,
    urls,
    handler: createHandler(ground, supergraph, {
      admission: createAdmissionRoom(config, supergraph, document),
      documents,
      engine,
      planned,
      caching,
      services,
      subgraphClient,
      bindings,
    }),
    documents,
    warmUp(before) {
      const isUnaffected = before && compareSupergraphs(before.supergraph, supergraph);
      const isValid = (hash: string): boolean => {
        const known = before?.documents.store.peek(hash);
        return known !== undefined && isUnaffected?.(known.document) === true;
      };
      return createWarmUp({ documents, engine, planned, isValid });
    },
    async close() {
      await Promise.all([planner.close(), subgraphClient.close(), inspector.close()]);
    },
  };
}

function traceCalls({ tracing }: GenerationGround, calls: { planner: Planner; subgraphClient: SubgraphClient }) {
  if (tracing === undefined) return calls;
  return { planner: tracePlanner(calls.planner), subgraphClient: traceSubgraphClient(calls.subgraphClient) };
}

function createAuthorizationRoom({ config, logger, grantPolicies }: GenerationGround, supergraph: DocumentNode) {
  const unauthorizedFields = config.UNAUTHORIZED_FIELDS;
  const authorization = createAuthorization({ supergraph, unauthorizedFields, grantPolicies });
  if (authorization !== undefined && config.JWKS_URL === undefined) {
    logger.warn('the supergraph protects fields, but without JWKS_URL nobody can be authenticated for them');
  }
  return authorization;
}

interface PlanningRooms {
  readonly admission: Admission;
  readonly documents: DocumentRoom;
  readonly engine: AuthorizedEngine;
  /** What was planned before, for a request or to be warm. */
  readonly planned: WeakSet<PreparedOperation>;
  readonly caching: SupergraphCaching | undefined;
  readonly services: ServiceGuard | undefined;
  readonly subgraphClient: SubgraphClient;
  readonly bindings: EventBindings;
}

/** Puts the rooms in a row, streams and telemetry beside them. */
function createHandler(
  ground: GenerationGround,
  supergraph: Supergraph,
  { admission, documents, engine, planned, caching, services, subgraphClient, bindings }: PlanningRooms,
): OperationHandler {
  const { config, authenticate, rateLimits, callQuotas, metrics, observe, busyOperations } = ground;
  const subscriptions = createSubscriptions({
    engine,
    hub: ground.streams,
    sources: createEventSources({ supergraph, bindings, subgraphClient }),
    eventTimeoutMs: config.REQUEST_TIMEOUT_MS,
    maxBufferedEvents: config.MAX_BUFFERED_EVENTS,
    maxBufferedBytes: config.MAX_BUFFERED_EVENT_BYTES,
    isShared: config.DEDUPLICATE_SUBSCRIPTIONS,
    observer: metrics.streams,
  });
  return createOperationPath({
    authenticate,
    rateLimits,
    callQuotas,
    findDocument: ground.operations.createFinder(documents),
    admission,
    engine,
    planned,
    subscriptions,
    metrics,
    observe,
    busyOperations,
    countFields: ground.fieldUsage?.forSchema(supergraph.publicSchema),
    caching,
    services,
    live: ground.tenants?.live,
    policyGuard: ground.tenants?.policyGuard,
    policies: ground.tenants?.policies,
    policyFreeFields: config.POLICY_FREE_FIELDS,
    strangersFields: config.STRANGERS_FIELDS,
  });
}

function createAdmissionRoom(config: GatewayConfig, { publicSchema }: Supergraph, supergraph: DocumentNode): Admission {
  const costOf = createOperationCosts({
    supergraph,
    schema: publicSchema,
    defaultListSize: config.DEFAULT_LIST_SIZE,
  });
  return createAdmission({
    costOf,
    maxCost: config.MAX_COST,
    introspection: config.INTROSPECTION,
    variables: { maxDepth: config.MAX_VARIABLE_DEPTH, maxListItems: config.MAX_LIST_ITEMS },
  });
}
