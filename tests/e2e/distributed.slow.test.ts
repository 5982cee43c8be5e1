import { afterAll, beforeAll, describe } from '@jest/globals';
import { startCluster, type Cluster } from '../support/cluster.js';
import { readInvitationsFromSmtp } from '../support/invitation-mails.js';
import { describeWithRedis } from '../support/redis-server.js';
import { defineApiKeys } from './api-keys.js';
import { defineIsolation } from './isolation.js';
import { defineJourney } from './journey.js';
import type { PlatformUnderTest } from './people.js';

describeWithRedis('distributed mode with two instances of each subgraph', () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startCluster({ gateways: 2 });
  }, 60_000);
  afterAll(() => cluster?.remove());

  const platform = (gateway: number) => (): PlatformUnderTest => ({
    origin: cluster.origins[gateway] ?? '',
    readInvitation: readInvitationsFromSmtp(cluster.smtp),
  });

  describe('the journey', () => defineJourney(platform(0)));
  describe('two tenants', () => defineIsolation(platform(1)));
  describe('API keys', () => defineApiKeys(platform(1)));
});
