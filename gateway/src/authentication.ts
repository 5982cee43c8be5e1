import type { Lifecycle } from '@tessera/service/lifecycle';
import type { Logger } from '@tessera/service/logging';
import type { GatewayConfig } from './config.js';
import type { GatewayAdapters } from './gateway-adapters.js';
import { createApiKeys } from './guards/api-keys.js';
import { createApiKeyAuthentication } from './guards/authenticate-api-key.js';
import { createAuthenticate, type Authenticate } from './guards/authenticate.js';
import { createForwarding } from './guards/forwarding.js';
import { createEndedSessionsLoader } from './guards/ended-sessions.js';
import type { KeySet } from './guards/key-set.js';
import { createRevocations, type Revocations } from './guards/revocations.js';
import type { LiveConnections } from './transport/live-connections.js';

/** What finding out who calls needs of the gateway. */
export interface AuthenticationGround {
  readonly config: GatewayConfig;
  readonly logger: Logger;
  readonly lifecycle: Lifecycle;
  readonly adapters: GatewayAdapters;
  readonly connections: LiveConnections;
}

/** Room 3, who is it. Without keys nobody is authenticated: a foreign supergraph's subgraphs judge tokens themselves. */
export async function openAuthentication(
  ground: AuthenticationGround,
  keySet: KeySet | undefined,
): Promise<Authenticate> {
  if (keySet === undefined) return createForwarding();
  const { isRevoked } = await openRevocations(ground);
  const { API_KEYS_URL: url, PRINCIPAL_SECRET: [signingSecret] = [] } = ground.config;
  if (url === undefined || signingSecret === undefined) return createAuthenticate({ keySet, isRevoked });
  const apiKeys = createApiKeys({ url, signingSecret });
  const authenticateApiKey = createApiKeyAuthentication({ apiKeys, isRevoked, now: Date.now });
  return createAuthenticate({ keySet, isRevoked, authenticateApiKey });
}

async function openRevocations(ground: AuthenticationGround): Promise<Revocations> {
  const { config, adapters, logger, lifecycle, connections } = ground;
  const { ENDED_SESSIONS_URL: url, PRINCIPAL_SECRET: [signingSecret] = [] } = config;
  const isListed = url !== undefined && signingSecret !== undefined;
  const revocations = await createRevocations({
    pubSub: adapters.pubSub,
    logger,
    onRevoked: (sessionId, mayReturn) => connections.endSession(sessionId, mayReturn),
    ...(isListed && { loadEnded: createEndedSessionsLoader({ url, signingSecret }) }),
  });
  lifecycle.defer('revocations', () => revocations.close());
  return revocations;
}
