import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Environment } from '@tessera/service/config';
import { serviceUrl } from '@tessera/service/database';
import { endedSessionsPath } from '@tessera/service/identity';
import { publishedManifestsPath } from '@tessera/service/operations';
import { exhaustedQuotasPath } from '@tessera/service/quotas';
import type { DataDirectory } from './data-directory.js';
import type { Ports } from './ports.js';
import { serviceNames, type ServiceName } from './subgraphs.js';

export interface EnvironmentOptions {
  readonly ports: Ports;
  /** How clients reach this machine. */
  readonly host: string;
  readonly data: DataDirectory;
  /** The PostgreSQL server's administrator. */
  readonly adminUrl: string;
  /** The environment of this process: what is set there wins over local mode's defaults. */
  readonly environment: Environment;
}

/** What the services of one process cannot each take from the process's environment. */
const ownVariables = new Set(['PORT', 'HOST', 'INTERNAL_PORT', 'DATABASE_URL']);

/** The variables that one subgraph reads in local mode. */
export function subgraphEnvironment(name: ServiceName, options: EnvironmentOptions): Environment {
  const { ports, host, data, adminUrl } = options;
  return {
    ...sharedDefaults(data),
    ...specificDefaults(name, options),
    ...chosen(options.environment),
    // Files are fetched from storage itself; everything else goes through the gateway.
    HOST: name === 'storage' ? listeningAddress(host) : '127.0.0.1',
    PORT: String(ports[name]),
    DATABASE_URL: serviceUrl(adminUrl, name, data.secrets.database),
  };
}

/** The variables that the gateway reads in local mode. */
export function gatewayEnvironment({
  ports,
  host,
  data,
  environment,
}: Omit<EnvironmentOptions, 'adminUrl'>): Environment {
  const urls = Object.entries(ports).filter(([name]) => name !== 'gateway');
  return {
    ...sharedDefaults(data),
    JWKS_URL: `http://127.0.0.1:${ports.auth}/.well-known/jwks.json`,
    TENANT_PLANS_URL: `http://127.0.0.1:${ports.tenant}/graphql`,
    EXHAUSTED_QUOTAS_URL: `http://127.0.0.1:${ports.analytics}${exhaustedQuotasPath}`,
    RATE_LIMITS: 'local',
    ENDED_SESSIONS_URL: `http://127.0.0.1:${ports.auth}${endedSessionsPath}`,
    API_KEYS_URL: `http://127.0.0.1:${ports.auth}`,
    OPERATION_MANIFESTS_PATH: resolve(import.meta.dirname, '../../../schema/operations'),
    OPERATION_MANIFESTS_URL: `http://127.0.0.1:${ports.analytics}${publishedManifestsPath}`,
    SUBGRAPH_URLS: urls.map(([name, port]) => `${name}=http://127.0.0.1:${port}/graphql`).join(','),
    // One developer is not the public: GraphiQL shows the schema to who has not signed in yet.
    INTROSPECTION: 'everybody',
    MAX_COST: '100000',
    CORS_ORIGINS: `local,http://${host}:*`,
    ...chosen(environment),
    HOST: environment['HOST'] ?? listeningAddress(host),
    PORT: String(ports.gateway),
  };
}

/** The variables of a gateway before the same subgraphs that lets every operation run, for this process alone. */
export function permissiveGatewayEnvironment(options: EnvironmentOptions): Environment {
  return {
    ...gatewayEnvironment(options),
    HOST: '127.0.0.1',
    PORT: '0',
    PERSISTED_OPERATIONS: 'off',
    PERSISTED_OPERATIONS_BY_CLIENT: undefined,
    OPERATION_MANIFESTS_PATH: undefined,
    OPERATION_MANIFESTS_URL: undefined,
  };
}

function sharedDefaults({ secrets }: DataDirectory): Environment {
  return { PRINCIPAL_SECRET: secrets.principal, LOG_LEVEL: 'warn', DRAIN_DELAY_MS: '0', DATABASE_POOL_MAX: '10' };
}

function specificDefaults(name: ServiceName, { ports, host, data }: EnvironmentOptions): Environment {
  const { secrets, objects, mail } = data;
  const gatewayUrl = `http://${host}:${ports.gateway}`;
  switch (name) {
    case 'auth':
      return {
        KEY_ENCRYPTION_SECRET: secrets.keyEncryption,
        TENANT_SUBGRAPH_URL: `http://127.0.0.1:${ports.tenant}/graphql`,
        MAIL_URL: pathToFileURL(mail).href,
        APP_URL: gatewayUrl,
        EMAIL_VERIFICATION: 'off',
        // A developer's tests try wrong passwords all day.
        SIGN_IN_FREE_FAILURES: '1000',
        PASSWORD_HASH_TARGET_MS: '0',
      };
    case 'tenant':
      return {
        INVITATION_SECRET: secrets.invitation,
        ERASURE_SUBGRAPHS: serviceNames.join(','),
        SWITCHABLE_SERVICES: serviceNames.join(','),
        AUTH_SUBGRAPH_URL: `http://127.0.0.1:${ports.auth}/graphql`,
        INVITATIONS_NEED_VERIFIED_EMAIL: 'false',
        PAYMENT_PROVIDER: 'local',
        MAIL_URL: pathToFileURL(mail).href,
        APP_URL: gatewayUrl,
      };
    case 'storage':
      return {
        EXPORT_SUBGRAPHS: serviceUrls(ports),
        OBJECT_STORE_URL: pathToFileURL(objects).href,
        OBJECT_URL_SECRET: secrets.objectUrl,
        PUBLIC_URL: `http://${host}:${ports.storage}`,
      };
    default:
      return {};
  }
}

/** Where every subgraph answers, as `name=url` pairs. */
function serviceUrls(ports: Ports): string {
  const subgraphPorts = Object.entries(ports).filter(([name]) => name !== 'gateway');
  return subgraphPorts.map(([name, port]) => `${name}=http://127.0.0.1:${port}`).join(',');
}

/** Nobody else comes in, unless the machine is called by a name of its own. */
function listeningAddress(host: string): string {
  return host === 'localhost' ? '127.0.0.1' : '0.0.0.0';
}

function chosen(environment: Environment): Environment {
  return Object.fromEntries(Object.entries(environment).filter(([name, value]) => !ownVariables.has(name) && value));
}
