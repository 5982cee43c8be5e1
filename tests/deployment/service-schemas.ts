import { analyticsSubgraph } from '@tessera/analytics/subgraph';
import { authSubgraph } from '@tessera/auth/subgraph';
import { gatewayConfigSchema } from '@tessera/gateway/config';
import { endedSessionsPath } from '@tessera/service/identity';
import { migrateConfigSchema } from '@tessera/local/migrate-config';
import { publishedManifestsPath } from '@tessera/service/operations';
import { exhaustedQuotasPath } from '@tessera/service/quotas';
import { storageSubgraph } from '@tessera/storage/subgraph';
import { tenantSubgraph } from '@tessera/tenant/subgraph';
import { userSubgraph } from '@tessera/user/subgraph';

/** What each service of a deployment reads. */
export const serviceSchemas = {
  gateway: gatewayConfigSchema,
  auth: authSubgraph.configSchema,
  tenant: tenantSubgraph.configSchema,
  user: userSubgraph.configSchema,
  storage: storageSubgraph.configSchema,
  analytics: analyticsSubgraph.configSchema,
};

/** What every process reads that a deployment starts, the one that migrates too. */
export const processSchemas = { ...serviceSchemas, migrate: migrateConfigSchema };

export type ServiceName = keyof typeof serviceSchemas;

export const processNames = Object.keys(processSchemas) as (keyof typeof processSchemas)[];
export const serviceNames = Object.keys(serviceSchemas) as ServiceName[];
export const subgraphNames = serviceNames.filter((name) => name !== 'gateway');

/** The paths at which a gateway asks subgraphs, by the settings that have them. */
export const askedPaths = {
  JWKS_URL: '/.well-known/jwks.json',
  ENDED_SESSIONS_URL: endedSessionsPath,
  API_KEYS_URL: '/',
  TENANT_PLANS_URL: '/graphql',
  EXHAUSTED_QUOTAS_URL: exhaustedQuotasPath,
  OPERATION_MANIFESTS_URL: publishedManifestsPath,
};

/** The same of a deployment's environment. */
export const askedPathsOf = (environment: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.keys(askedPaths).map((name) => [name, new URL(environment[name] ?? '').pathname]));
