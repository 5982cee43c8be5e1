import { rm } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import {
  clusterPorts,
  instanceEnvironment,
  type ClusterSettings,
  type InstanceName,
  type SubgraphName,
} from './cluster-environment.js';
import { createLeftovers } from './leftovers.js';
import { startPlatformProcess, type PlatformProcess, type ProcessEnd } from './platform-process.js';
import { startPostgresServer, type PostgresServer } from './postgres-server.js';
import { startPostgresStandby, type PostgresStandby } from './postgres-standby.js';
import { startRedisServer, type RedisServer } from './redis-server.js';
import { startSmtpServer, type CatchingSmtpServer } from './smtp-server.js';
import { temporaryFolder } from './temporary-folder.js';

/** The platform as it runs in production, one process per instance, on loopback. */
export interface Cluster {
  /** One for each gateway: `http://localhost:<port>`. */
  readonly origins: readonly string[];
  readonly postgres: PostgresServer;
  readonly standby: PostgresStandby | undefined;
  readonly redis: RedisServer;
  readonly smtp: CatchingSmtpServer;
  /** `auth-1`, `auth-2`, ..., `gateway-1`. */
  readonly names: readonly InstanceName[];
  instance(name: InstanceName): PlatformProcess;
  /** Starts an instance that is down, on its old port; resolves when it takes requests. */
  start(name: InstanceName): Promise<void>;
  /** SIGTERM, as every orchestrator sends it; resolves when the process has ended. */
  stop(name: InstanceName): Promise<ProcessEnd>;
  kill9(...names: readonly InstanceName[]): Promise<void>;
  remove(): Promise<void>;
}

export interface ClusterOptions {
  /** Instances of each subgraph, or of those that are named, while there is one of the others. Default 2. */
  readonly instances?: number | Partial<Record<SubgraphName, number>>;
  /** Default 1. */
  readonly gateways?: number;
  /** How long a stopping process says "not ready" before it stops listening. Default 0. */
  readonly drainDelayMs?: number;
  /** The file that gateways read the supergraph from, and watch. Default: the repository's. */
  readonly supergraphPath?: string;
  /** Whether there is a standby, which the subgraph user reads from. Default false. */
  readonly withStandby?: boolean;
  /** More settings of single subgraphs. */
  readonly environments?: ClusterSettings['environments'];
}

/** A machine that runs other suites beside takes minutes to start a dozen processes. */
const maxStartMs = 150_000;
const serviceDatabasePassword = 'password-of-the-services-own-roles';

/** Starts PostgreSQL, Redis and SMTP, migrates by the process that does it, then starts all subgraphs and gateways. */
export async function startCluster(options: ClusterOptions = {}): Promise<Cluster> {
  const {
    instances = 2,
    gateways = 1,
    drainDelayMs = 0,
    supergraphPath,
    withStandby = false,
    environments = {},
  } = options;
  const leftovers = createLeftovers();
  const running = new Map<InstanceName, PlatformProcess>();
  try {
    const postgres = await startPostgresServer({ name: 'platform', prepare: migrate });
    leftovers.defer('postgres', () => postgres.stop());
    const redis = await startRedisServer({ persistent: true });
    leftovers.defer('redis', () => redis.stop());
    const smtp = await startSmtpServer();
    leftovers.defer('smtp', () => smtp.stop());
    const objects = await temporaryFolder('objects');
    leftovers.defer('objects', () => rm(objects, { recursive: true, force: true }));
    const standby = withStandby ? await startPostgresStandby(postgres) : undefined;
    leftovers.defer('standby', () => standby?.stop());

    const settings: ClusterSettings = {
      ports: await clusterPorts(
        (name) => (typeof instances === 'number' ? instances : (instances[name] ?? 1)),
        gateways,
      ),
      adminUrl: postgres.adminUrl,
      serviceDatabasePassword,
      redisUrl: redis.url,
      mailUrl: smtp.url,
      objectsUrl: pathToFileURL(objects).href,
      drainDelayMs,
      supergraphPath,
      standbyUrl: standby?.urlOf(postgres.adminUrl),
      environments,
    };
    const names = [...settings.ports.keys()];
    leftovers.defer('instances', () => Promise.all([...running.values()].map((process) => process.end('SIGKILL'))));
    const start = async (name: InstanceName): Promise<void> => {
      const { script, environment, readyText } = instanceEnvironment(name, settings);
      const started = startPlatformProcess(script, [], environment);
      running.set(name, started);
      await started.written(readyText, maxStartMs);
    };
    await Promise.all(names.map(start));

    const instance = (name: InstanceName): PlatformProcess => {
      const found = running.get(name);
      if (found === undefined) throw new Error(`There is no instance ${name}`);
      return found;
    };
    return {
      origins: names
        .filter((name) => name.startsWith('gateway'))
        .map((name) => `http://localhost:${settings.ports.get(name)}`),
      postgres,
      standby,
      redis,
      smtp,
      names,
      instance,
      start,
      stop: (name) => instance(name).end('SIGTERM'),
      async kill9(...killed) {
        await Promise.all(killed.map((name) => instance(name).end('SIGKILL')));
      },
      remove: () => leftovers.close(),
    };
  } catch (error) {
    await leftovers.close();
    throw error;
  }
}

async function migrate(adminUrl: string): Promise<void> {
  const migration = startPlatformProcess('infra/local/dist/migrate.js', [], {
    ADMIN_DATABASE_URL: adminUrl,
    SERVICE_DATABASE_PASSWORD: serviceDatabasePassword,
  });
  const { code } = await migration.ended;
  if (code !== 0) throw new Error(`Migrating failed:\n${migration.output()}`);
}
