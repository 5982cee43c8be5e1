import { serviceUrl } from '@tessera/service/database';
import { endedSessionsPath } from '@tessera/service/identity';
import { publishedManifestsPath } from '@tessera/service/operations';
import { exhaustedQuotasPath } from '@tessera/service/quotas';
import type { ProcessEnvironment } from './platform-process.js';
import { freePortRange } from './port-range.js';

const subgraphNames = ['auth', 'tenant', 'user', 'storage', 'analytics'] as const;

export type SubgraphName = (typeof subgraphNames)[number];

/** `auth-1` is the first instance of auth. */
export type InstanceName = `${SubgraphName | 'gateway'}-${number}`;

export interface ClusterSettings {
  readonly ports: ReadonlyMap<InstanceName, number>;
  readonly adminUrl: string;
  readonly serviceDatabasePassword: string;
  readonly redisUrl: string;
  readonly mailUrl: string;
  readonly objectsUrl: string;
  readonly drainDelayMs: number;
  readonly supergraphPath: string | undefined;
  /** The administrator's URL of a standby, which the subgraph user reads from. */
  readonly standbyUrl: string | undefined;
  /** More of single subgraphs. */
  readonly environments: Partial<Readonly<Record<SubgraphName, ProcessEnvironment>>>;
}

/** How one instance is started. */
export interface InstanceStart {
  readonly script: string;
  readonly environment: ProcessEnvironment;
  /** What it logs when it takes requests. */
  readonly readyText: string;
}

/** Ports for all instances, each of which keeps its own over restarts. */
export async function clusterPorts(
  instancesOf: (subgraph: SubgraphName) => number,
  gateways: number,
): Promise<ReadonlyMap<InstanceName, number>> {
  const names: InstanceName[] = subgraphNames.flatMap((name) =>
    Array.from({ length: instancesOf(name) }, (_, index): InstanceName => `${name}-${index + 1}`),
  );
  for (let index = 1; index <= gateways; index += 1) names.push(`gateway-${index}`);
  const first = await freePortRange(names.length);
  return new Map(names.map((name, index) => [name, first + index]));
}

/** The script and the variables of one instance. */
export function instanceEnvironment(instance: InstanceName, settings: ClusterSettings): InstanceStart {
  const service = instance.replace(/-\d+$/, '') as SubgraphName | 'gateway';
  const shared = {
    HOST: '127.0.0.1',
    PORT: String(settings.ports.get(instance)),
    LOG_LEVEL: 'info',
    REDIS_URL: settings.redisUrl,
    PRINCIPAL_SECRET: 'the-secret-between-gateways-and-subgraphs',
    DRAIN_DELAY_MS: String(settings.drainDelayMs),
  };
  if (service === 'gateway') {
    return {
      script: 'gateway/dist/main.js',
      readyText: 'the gateway takes requests',
      environment: {
        ...shared,
        JWKS_URL: `${originOf('auth-1', settings)}/.well-known/jwks.json`,
        ENDED_SESSIONS_URL: `${originOf('auth-1', settings)}${endedSessionsPath}`,
        API_KEYS_URL: originOf('auth-1', settings),
        OPERATION_MANIFESTS_URL: `${originOf('analytics-1', settings)}${publishedManifestsPath}`,
        SUBGRAPH_URLS: subgraphUrls(settings),
        TENANT_PLANS_URL: graphqlUrl('tenant-1', settings),
        EXHAUSTED_QUOTAS_URL: `${originOf('analytics-1', settings)}${exhaustedQuotasPath}`,
        // All of a test's people come from one address.
        RATE_LIMITS: 'local',
        ...(settings.supergraphPath !== undefined && { SUPERGRAPH_PATH: settings.supergraphPath }),
      },
    };
  }
  const { adminUrl, serviceDatabasePassword } = settings;
  return {
    script: `subgraphs/${service}/dist/main.js`,
    readyText: 'subgraph is ready',
    environment: {
      ...shared,
      DATABASE_URL: serviceUrl(adminUrl, service, serviceDatabasePassword),
      DATABASE_POOL_MAX: '8',
      ...ownSettings(service, settings),
      ...settings.environments[service],
    },
  };
}

function ownSettings(service: SubgraphName, settings: ClusterSettings): ProcessEnvironment {
  switch (service) {
    case 'auth':
      return {
        KEY_ENCRYPTION_SECRET: 'the-secret-that-seals-the-signing-keys',
        // People of a test sign in side by side, and all from one address.
        SIGN_IN_FREE_FAILURES: '1000',
        PASSWORD_HASH_TARGET_MS: '0',
        TENANT_SUBGRAPH_URL: graphqlUrl('tenant-1', settings),
        MAIL_URL: settings.mailUrl,
      };
    case 'tenant':
      return {
        INVITATION_SECRET: 'the-secret-that-signs-the-invitations',
        AUTH_SUBGRAPH_URL: graphqlUrl('auth-1', settings),
        INVITATIONS_NEED_VERIFIED_EMAIL: 'false',
        MAIL_URL: settings.mailUrl,
      };
    case 'storage':
      return {
        OBJECT_STORE_URL: settings.objectsUrl,
        OBJECT_URL_SECRET: 'the-secret-that-signs-the-urls-of-objects',
        PUBLIC_URL: `http://localhost:${settings.ports.get('storage-1')}`,
      };
    case 'user': {
      const { standbyUrl, serviceDatabasePassword } = settings;
      if (standbyUrl === undefined) return {};
      return {
        DATABASE_REPLICA_URL: serviceUrl(standbyUrl, service, serviceDatabasePassword),
        DATABASE_REPLICA_MAX_LAG_MS: '3600000',
      };
    }
    default:
      return {};
  }
}

const originOf = (instance: InstanceName, { ports }: ClusterSettings): string =>
  `http://127.0.0.1:${ports.get(instance)}`;

const graphqlUrl = (instance: InstanceName, settings: ClusterSettings): string =>
  `${originOf(instance, settings)}/graphql`;

function subgraphUrls(settings: ClusterSettings): string {
  const entries = subgraphNames.map((subgraph) => {
    const instances = [...settings.ports.keys()].filter((instance) => instance.startsWith(`${subgraph}-`));
    return `${subgraph}=${instances.map((instance) => graphqlUrl(instance, settings)).join('|')}`;
  });
  return entries.join(',');
}
