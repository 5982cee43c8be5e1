import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { createRateLimiter } from '@tessera/service/rate-limit';
import { eventually } from '../support/eventually.js';
import { createLeftovers, quietLogger } from '../support/leftovers.js';
import { describeWithRedis } from '../support/redis-server.js';
import { startRedisCluster, startRedisSentinel, type RedisTopology } from '../support/redis-topologies.js';
import { charge, connectedBuckets, connectedLimiter, newId, rateLimitContract, rule } from './rate-limit-contract.js';

const logger = quietLogger();
const leftovers = createLeftovers();
afterEach(() => leftovers.close());

describeWithRedis('rate limits in a Redis cluster', () => {
  let cluster: RedisTopology;
  beforeAll(async () => {
    cluster = await startRedisCluster();
  }, 30_000);
  afterAll(() => cluster.stop());

  rateLimitContract(() => connectedLimiter(cluster.url, leftovers));

  test('reach over nodes: a take of several groups is refused where one of them is', async () => {
    const limiter = await connectedLimiter(cluster.url, leftovers);
    const wide = rule('wide', 100);
    const groups = ['one', 'two', 'three', 'four', 'five', 'six'].map((group) => `${group}-${newId()}`);
    const narrow = { ...charge(rule('narrow', 1), newId()), group: groups[0] ?? '' };
    const charges = [...groups.map((group) => ({ ...charge(wide, newId()), group })), narrow];

    const verdicts = [await limiter.take(charges), await limiter.take(charges)];

    expect(verdicts.map(({ isAllowed }) => isAllowed)).toEqual([true, false]);
    expect(verdicts[1]?.standings.map(({ rule: { name } }) => name)).toEqual(charges.map(({ rule: { name } }) => name));
    expect(verdicts[1]?.standings.at(-1)?.retryAfterMs).toBeGreaterThan(0);
  });
});

describeWithRedis('rate limits behind Sentinels', () => {
  let topology: RedisTopology;
  beforeAll(async () => {
    topology = await startRedisSentinel();
  }, 30_000);
  afterAll(() => topology.stop());

  rateLimitContract(() => connectedLimiter(topology.url, leftovers));

  test('are shared again by the new master after a failover', async () => {
    const changes: boolean[] = [];
    const shared = await connectedBuckets(topology.url, leftovers, 200);
    const limiter = createRateLimiter({ shared, logger, onDegraded: (isDegraded) => changes.push(isDegraded) });

    await topology.servers[0]?.kill9();

    await eventually(async () => {
      await limiter.take([charge(rule('other', 1_000_000), 'probe')]);
      return changes.length === 2;
    }, 25_000);
    expect(changes).toEqual([true, false]);
  }, 30_000);
});
