import { afterAll, afterEach, beforeAll } from '@jest/globals';
import { createLeftovers } from '../support/leftovers.js';
import { describeWithRedis } from '../support/redis-server.js';
import { startRedisCluster, startRedisSentinel, type RedisTopology } from '../support/redis-topologies.js';
import { connectTaggedCache, taggedCacheContract } from './tagged-cache-contract.js';

const leftovers = createLeftovers();
afterEach(() => leftovers.close());
let services = 0;

const connect = (url: string) => connectTaggedCache(url, `test-${(services += 1)}`, leftovers);

describeWithRedis('tagged cache in a Redis cluster', () => {
  let cluster: RedisTopology;
  beforeAll(async () => {
    cluster = await startRedisCluster();
  }, 30_000);
  afterAll(() => cluster.stop());

  taggedCacheContract(() => connect(cluster.url));
});

describeWithRedis('tagged cache behind Sentinels', () => {
  let topology: RedisTopology;
  beforeAll(async () => {
    topology = await startRedisSentinel();
  }, 30_000);
  afterAll(() => topology.stop());

  taggedCacheContract(() => connect(topology.url));
});
