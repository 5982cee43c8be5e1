import { stat } from 'node:fs/promises';
import { ConfigError } from '@tessera/service/config';
import type { Health } from '@tessera/service/health';
import type { Lifecycle } from '@tessera/service/lifecycle';
import type { Logger } from '@tessera/service/logging';
import type { Metrics } from '@tessera/service/metrics';
import { maxRegisteredCharacters } from '@tessera/service/operations';
import type { GatewayConfig } from './config.js';
import type { DocumentRoom } from './document-room.js';
import type { GatewayAdapters } from './gateway-adapters.js';
import { createAutomaticPersistedQueries } from './operations/automatic-persisted-queries.js';
import { createDocumentFinder, type FindDocument } from './operations/find-document.js';
import { createListPolicy } from './operations/list-policy.js';
import { createNormalisedHashes } from './operations/normalised-hashes.js';
import { createManifestFiles } from './operations/registered/manifest-files.js';
import type { ManifestSource } from './operations/registered/manifest-source.js';
import { createPublishedManifests } from './operations/registered/published-manifests.js';
import type { OperationList } from './operations/registered/operation-list.js';
import {
  createRegisteredOperations,
  type RegisteredOperations,
} from './operations/registered/registered-operations.js';
import type { BusyOperation } from './planning/busy-operations.js';
import { createOperationUseObserver } from './telemetry/observe-operation-use.js';
import { createOperationUseMetrics } from './telemetry/operation-use-metrics.js';
import { startOperationUseReporter } from './telemetry/operation-use-reporter.js';

/** What room 2 has that outlives a supergraph. */
export interface OperationRoom {
  readonly registered: RegisteredOperations;
  /** Finds documents of one supergraph. */
  createFinder(documents: DocumentRoom): FindDocument;
  /** Takes over the list; its operations are planned before it takes traffic. */
  start(warm: Warm): Promise<void>;
  /** What of the list is planned before another supergraph takes traffic. */
  toWarm(): readonly BusyOperation[];
  /** Adds the checks of readiness. */
  registerChecks(health: Health): void;
}

/** Plans operations on the supergraph of now. @returns those that do not run on it */
export type Warm = (
  operations: readonly BusyOperation[],
) => Promise<readonly (BusyOperation & { readonly reason: string })[]>;

export interface OperationRoomGround {
  readonly config: GatewayConfig;
  readonly logger: Logger;
  readonly lifecycle: Lifecycle;
  readonly adapters: GatewayAdapters;
  readonly registry: Metrics;
}

/** Half of what the plan store keeps: operations of clients that register nothing keep their plans. */
const maxPlanned = 500;
/** Operations that are named in one line of the log. */
const maxNamed = 20;

/**
 * Puts together what the configuration says about registered operations.
 *
 * @throws ConfigError for a path where nothing is, and for a list that is to be enforced and can have nothing on it
 */
export async function createOperationRoom(ground: OperationRoomGround): Promise<OperationRoom> {
  const { config, logger, lifecycle, adapters, registry } = ground;
  const sources = await createSources(ground);
  const modeByClient = config.PERSISTED_OPERATIONS_BY_CLIENT;
  const policy = createListPolicy({ mode: config.PERSISTED_OPERATIONS, modeByClient });
  const modes = [config.PERSISTED_OPERATIONS, ...modeByClient.values()];
  const isEnforced = modes.some((mode) => mode === 'safelist' || mode === 'id-only');
  if (isEnforced && sources.length === 0) {
    throw new ConfigError([
      'PERSISTED_OPERATIONS: refuses what is not registered, so OPERATION_MANIFESTS_PATH or OPERATION_MANIFESTS_URL is needed',
    ]);
  }
  const limits = { maxOperations: config.MAX_REGISTERED_OPERATIONS, maxCharacters: maxRegisteredCharacters };
  const registered = createRegisteredOperations({ sources, limits, logger });
  lifecycle.defer('registered operations', () => registered.close());
  if (sources.length > 0) {
    registry.sampledGauge(
      'graphql_registered_operations',
      'Operations that are registered',
      () => registered.list.size,
    );
    registry.sampledGauge(
      'graphql_operation_manifests_refused',
      'Manifests of operations that are refused now',
      () => registered.refused,
    );
  }
  const reporter = startOperationUseReporter({ eventBus: adapters.eventBus, logger });
  lifecycle.defer('reports of operations', () => reporter.close());
  const observer = createOperationUseObserver({
    metrics: createOperationUseMetrics(registry),
    reporter,
    logger,
    list: () => registered.list,
    configuredClients: new Set(modeByClient.keys()),
  });
  const finding = { registered, policy, observer, normalisedHashOf: createNormalisedHashes(config.MAX_TOKENS) };
  const storeHits = registry.counter('graphql_document_store_hits_total', 'Documents that were found parsed and valid');
  const storeMisses = registry.counter('graphql_document_store_misses_total', 'Documents that had to be parsed');
  const onLookup = (isKnown: boolean): void => (isKnown ? storeHits : storeMisses).inc();
  const automatic = {
    cache: adapters.cache,
    ttlSeconds: config.APQ_TTL_SECONDS,
    isEnabled: config.APQ,
    maxDocuments: config.MAX_DOCUMENTS,
  };
  return {
    registered,
    createFinder: ({ store, inspector }) =>
      createDocumentFinder({
        ...finding,
        onLookup,
        store,
        inspect: (text, hash) => inspector.inspect(text, hash),
        automatic: createAutomaticPersistedQueries({ ...automatic, store }),
      }),
    toWarm: () => toWarm(registered.list),
    start: (warm) =>
      registered.start(async (list) => {
        const failed = await warm(toWarm(list));
        if (failed.length === 0) return;
        // They stay listed: a client is ahead of its supergraph for a while, or has versions that nobody uses any more.
        const named = failed.slice(0, maxNamed).map(({ operationName, hash, reason }) => ({
          operation: operationName ?? hash,
          reason,
        }));
        logger.error({ operations: failed.length, named }, 'registered operations do not run on this supergraph');
      }),
    registerChecks: (health) => registerChecks(health, registered, isEnforced),
  };
}

function toWarm({ operations }: OperationList): readonly BusyOperation[] {
  return [...operations]
    .slice(-maxPlanned)
    .map(({ body, hash, name }) => ({ source: body, hash, operationName: name }));
}

async function createSources({ config, logger, adapters }: OperationRoomGround): Promise<readonly ManifestSource[]> {
  const {
    OPERATION_MANIFESTS_PATH: path,
    OPERATION_MANIFESTS_URL: url,
    PRINCIPAL_SECRET: [signingSecret] = [],
  } = config;
  const sources: ManifestSource[] = [];
  if (path !== undefined) {
    await stat(path).catch((error: NodeJS.ErrnoException) => {
      throw new ConfigError([`OPERATION_MANIFESTS_PATH: ${path} cannot be read (${error.code})`]);
    });
    sources.push(createManifestFiles({ path, logger }));
  }
  if (url !== undefined && signingSecret !== undefined) {
    sources.push(createPublishedManifests({ url, signingSecret, logger, pubSub: adapters.pubSub }));
  }
  return sources;
}

/** A gateway that refuses what is not listed is of no use before it has a list. */
function registerChecks(health: Health, registered: RegisteredOperations, isEnforced: boolean): void {
  if (!registered.isUsed) return;
  health.register(
    'registered operations',
    async () => {
      if (!registered.isComplete) throw new Error('Registered operations have not been read yet');
    },
    { required: isEnforced },
  );
  health.register(
    'operation manifests',
    async () => {
      if (registered.refused > 0) throw new Error('Manifests of operations are refused');
    },
    { required: false },
  );
}
