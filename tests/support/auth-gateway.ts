import { readFile } from 'node:fs/promises';
import { loadGatewayConfig, type GatewayConfig } from '@tessera/gateway/config';
import { createGateway } from '@tessera/gateway/gateway';
import type { AuthHarness } from './auth-harness.js';
import { quietLogger } from './leftovers.js';
import { principalSecret } from './subgraph-harness.js';

/** A gateway in front of the auth subgraph alone. */
export interface AuthGateway {
  /** `http://127.0.0.1:<port>` */
  readonly origin: string;
  stop(): Promise<void>;
}

/** The settings of a gateway in front of a harness. */
export function authGatewayConfig(harness: AuthHarness, environment: Readonly<Record<string, string>>): GatewayConfig {
  return loadGatewayConfig({
    PORT: '0',
    HOST: '127.0.0.1',
    DRAIN_DELAY_MS: '0',
    RATE_LIMITS: 'none',
    JWKS_URL: `${harness.url}/.well-known/jwks.json`,
    API_KEYS_URL: harness.url,
    PRINCIPAL_SECRET: principalSecret,
    SUBGRAPH_URLS: `auth=${harness.url}/graphql`,
    ...environment,
  });
}

/** Starts it, with the committed supergraph. */
export async function startAuthGateway(
  harness: AuthHarness,
  environment: Readonly<Record<string, string>> = {},
): Promise<AuthGateway> {
  const gateway = await createGateway({
    config: authGatewayConfig(harness, environment),
    supergraphSdl: await readFile('schema/supergraph.graphql', 'utf8'),
    logger: quietLogger(),
    adapters: { pubSub: harness.pubSub },
  });
  return { origin: `http://127.0.0.1:${gateway.port}`, stop: () => gateway.stop() };
}
