import { afterAll, beforeAll, describe } from '@jest/globals';
import { startCluster, type Cluster } from '../support/cluster.js';
import { describeWithRedis } from '../support/redis-server.js';
import { defineAuthFlows } from './auth-flows.js';
import { defineRedisDown } from './redis-down.js';
import { defineRollingRestart } from './rolling-restart.js';
import { defineSubgraphDown } from './subgraph-down.js';

describeWithRedis('a cluster in which something breaks', () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await startCluster({ gateways: 2, drainDelayMs: 500 });
  }, 60_000);
  afterAll(() => cluster?.remove());

  const startedCluster = (): Cluster => cluster;

  describe('subgraphs that die', () => defineSubgraphDown(startedCluster));
  describe('instances of auth that die', () => defineAuthFlows(startedCluster));
  describe('a deployment', () => defineRollingRestart(startedCluster));
  describe('Redis', () => defineRedisDown(startedCluster));
});
