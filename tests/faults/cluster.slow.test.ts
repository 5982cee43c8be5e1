import { afterAll, beforeAll, describe } from '@jest/globals';
import { platformAdminEmail } from '../e2e/platform-admin.js';
import { startCluster, type Cluster } from '../support/cluster.js';
import { describeWithRedis } from '../support/redis-server.js';
import { describeWithProgram } from '../support/installed.js';
import { startOidcProvider, type OidcProviderProcess } from '../support/oidc-provider.js';
import { defineAuthFlows } from './auth-flows.js';
import { defineAuthWaysIn } from './auth-ways-in.js';
import { defineRedisDown } from './redis-down.js';
import { defineRollingRestart } from './rolling-restart.js';
import { defineSubgraphDown } from './subgraph-down.js';

describeWithRedis('a cluster in which something breaks', () => {
  let cluster: Cluster;
  let provider: OidcProviderProcess;
  beforeAll(async () => {
    provider = await startOidcProvider();
    const environments = {
      auth: { OIDC_PROVIDERS: provider.setting, SUPER_ADMIN_EMAILS: platformAdminEmail, EMAIL_VERIFICATION: 'off' },
    };
    cluster = await startCluster({ gateways: 2, drainDelayMs: 500, environments });
  }, 180_000);
  afterAll(async () => {
    await cluster?.remove();
    await provider?.stop();
  });

  const startedCluster = (): Cluster => cluster;

  describe('subgraphs that die', () => defineSubgraphDown(startedCluster));
  describe('instances of auth that die', () => defineAuthFlows(startedCluster));
  describeWithProgram('chromium', 'ways in while instances of auth die', () =>
    defineAuthWaysIn(() => ({ cluster, provider })),
  );
  describe('a deployment', () => defineRollingRestart(startedCluster));
  describe('Redis', () => defineRedisDown(startedCluster));
});
