import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { createGateway, type Gateway } from '@tessera/gateway/gateway';
import { loadGatewayConfig, type GatewayConfig } from '@tessera/gateway/config';
import { createInProcessCache } from '@tessera/service/cache';
import { loadConfig, postgresUrlField, type Environment } from '@tessera/service/config';
import { migrateDatabase } from '@tessera/service/database';
import { createInProcessEventBus } from '@tessera/service/events';
import { createLiveEvents } from '@tessera/service/live-events';
import { createLogger, type Logger } from '@tessera/service/logging';
import { createInProcessPubSubHub } from '@tessera/service/pubsub';
import { createSubgraph, type CreatedSubgraph, type SharedAdapters } from '@tessera/service/subgraph';
import { z } from 'zod';
import { openDataDirectory, type DataDirectory } from './data-directory.js';
import {
  gatewayEnvironment,
  permissiveGatewayEnvironment,
  subgraphEnvironment,
  type EnvironmentOptions,
} from './environments.js';
import type { LocalOptions } from './options.js';
import { makeDatabases } from './make-databases.js';
import { choosePorts, type Ports } from './ports.js';
import { startPostgres } from './postgres-server.js';
import { serviceNames, subgraphs, type ServiceName } from './subgraphs.js';

/** The whole platform in this process. */
export interface LocalPlatform {
  readonly ports: Ports;
  readonly data: DataDirectory;
  readonly gateway: Gateway;
  /** Whether the gateway refuses operations that no manifest has. */
  readonly isListEnforced: boolean;
  /** Starts another gateway on loopback, on any free port, which lets every operation run. Who opens it stops it. */
  openPermissiveGateway(): Promise<Gateway>;
  stop(): Promise<void>;
}

/** A server of one's own, in place of the one that comes along. */
const serverSchema = z.object({ DATABASE_URL: postgresUrlField.optional() });

const repositoryRoot = resolve(import.meta.dirname, '../../..');

/**
 * Starts PostgreSQL (unless `DATABASE_URL` names a server), the subgraphs and the gateway, all on loopback unless the options name a host.
 * What it opened before a fault is closed again.
 *
 * @throws StartError for what the person at the terminal can mend
 */
export async function startLocalPlatform(options: LocalOptions, environment: Environment): Promise<LocalPlatform> {
  const closers: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const close of closers.splice(0).reverse()) await close();
  };
  try {
    const ports = await choosePorts(options.port);
    const data = await openDataDirectory(options.dataDirectory);
    closers.push(() => data.release());
    const config = loadGatewayConfig(gatewayEnvironment({ ports, host: options.host, data, environment }));
    const logger = createLogger({ service: 'local', level: config.LOG_LEVEL });
    const { DATABASE_URL } = loadConfig(serverSchema, environment);
    const adminUrl = DATABASE_URL ?? (await startOwnPostgres(data, closers));
    const settings: EnvironmentOptions = { ports, host: options.host, data, adminUrl, environment };
    await prepareDatabases(adminUrl, data.secrets.database, logger);
    const consumers: ServiceName[] = [];
    const adapters = environment['REDIS_URL'] === undefined ? createAdapters(logger, consumers) : undefined;
    await startSubgraphs(settings, adapters, { closers, consumers });
    const gateway = await openGateway(config, adapters);
    closers.push(() => gateway.stop());
    return {
      ports,
      data,
      gateway,
      isListEnforced: enforcesList(config),
      openPermissiveGateway: () => openGateway(loadGatewayConfig(permissiveGatewayEnvironment(settings)), adapters),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function openGateway(config: GatewayConfig, adapters: SharedAdapters | undefined): Promise<Gateway> {
  return createGateway({
    config,
    supergraphSdl: await readFile(resolve(repositoryRoot, config.SUPERGRAPH_PATH), 'utf8'),
    logger: createLogger({ service: 'gateway', level: config.LOG_LEVEL }),
    ...(adapters && { adapters }),
  });
}

function enforcesList({ PERSISTED_OPERATIONS, PERSISTED_OPERATIONS_BY_CLIENT }: GatewayConfig): boolean {
  const modes = [PERSISTED_OPERATIONS, ...PERSISTED_OPERATIONS_BY_CLIENT.values()];
  return modes.some((mode) => mode === 'safelist' || mode === 'id-only');
}

async function startOwnPostgres(data: DataDirectory, closers: (() => Promise<void>)[]): Promise<string> {
  const postgres = await startPostgres(data.database, data.secrets.database);
  closers.push(() => postgres.stop());
  return postgres.adminUrl;
}

async function prepareDatabases(adminUrl: string, password: string, logger: Logger): Promise<void> {
  await makeDatabases(serviceNames, { setting: 'DATABASE_URL', adminUrl, passwordOf: () => password });
  // All of them end before one's failure is told: PostgreSQL is stopped then, which would be told in its place.
  const migrations = await Promise.allSettled(
    serviceNames.map((name) => migrateDatabase({ ...subgraphs[name], subgraph: name, adminUrl, logger })),
  );
  for (const migration of migrations) if (migration.status === 'rejected') throw migration.reason;
}

/** @param expectedConsumers filled while subgraphs are created: from then on no event may pass one of them by */
function createAdapters(logger: Logger, expectedConsumers: readonly ServiceName[]): SharedAdapters {
  const pubSub = createInProcessPubSubHub();
  return {
    cache: createInProcessCache(),
    pubSub,
    liveEvents: createLiveEvents({ pubSub, logger, lifecycle: { defer: () => undefined } }),
    eventBus: createInProcessEventBus({ logger, expectedConsumers }),
  };
}

/** Creates all before it starts any: each consumer of events stands before the first event is published. */
async function startSubgraphs(
  settings: EnvironmentOptions,
  adapters: SharedAdapters | undefined,
  { closers, consumers }: { readonly closers: (() => Promise<void>)[]; readonly consumers: ServiceName[] },
): Promise<void> {
  const created: CreatedSubgraph[] = [];
  closers.push(async () => {
    await Promise.all(created.map((subgraph) => subgraph.stop()));
  });
  for (const name of serviceNames) {
    const environment = subgraphEnvironment(name, settings);
    const subgraph = await createSubgraph(subgraphs[name], { environment, ...(adapters && { adapters }) });
    created.push(subgraph);
    consumers.push(name);
  }
  await Promise.all(created.map((subgraph) => subgraph.start()));
}
