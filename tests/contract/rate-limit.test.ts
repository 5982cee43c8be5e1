import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createInProcessRateLimiter, createRate, createRateLimiter, type RateRule } from '@tessera/service/rate-limit';
import { createRedis, waitForRedis } from '@tessera/service/redis';
import { eventually } from '../support/eventually.js';
import { createLeftovers, quietLogger } from '../support/leftovers.js';
import { describeWithRedis, startRedisServer, type RedisServer } from '../support/redis-server.js';
import { charge, connectedBuckets, connectedLimiter, newId, rateLimitContract, rule } from './rate-limit-contract.js';

const logger = quietLogger();
const leftovers = createLeftovers();
afterEach(() => leftovers.close());

describe('rate limits in the process', () => {
  rateLimitContract(async () => createInProcessRateLimiter());

  test('forget those that were not used for longest, and no others', () => {
    const limiter = createInProcessRateLimiter({ bucketsKept: 100 });
    const single = rule('single', 1);
    for (let id = 0; id < 50; id += 1) limiter.take([charge(single, `kept-${id}`)]);
    for (let id = 0; id < 40; id += 1) limiter.take([charge(single, `flood-${id}`)]);

    const kept = Array.from({ length: 50 }, (_, id) => limiter.take([charge(single, `kept-${id}`)]));
    for (let id = 0; id < 500; id += 1) limiter.take([charge(single, `flood-${id}`)]);
    const forgotten = limiter.take([charge(single, 'kept-0')]);

    expect(kept.every(({ isAllowed }) => !isAllowed)).toBe(true);
    expect(forgotten.isAllowed).toBe(true);
  });
});

describeWithRedis('rate limits in a single Redis', () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedisServer();
  });
  afterAll(() => server.stop());

  rateLimitContract(() => connectedLimiter(server.url, leftovers));

  test('are shared: two processes together never give out more than the bucket holds', async () => {
    const limiters = await Promise.all([
      connectedLimiter(server.url, leftovers),
      connectedLimiter(server.url, leftovers),
    ]);
    const charges = [charge(rule('shared', 40), newId())];

    const verdicts = await Promise.all(
      Array.from({ length: 200 }, async (_, index) => limiters[index % 2]?.take(charges)),
    );

    expect(verdicts.filter((verdict) => verdict?.isAllowed)).toHaveLength(40);
  });

  test('leave nothing behind when a bucket is full again', async () => {
    const limiter = await connectedLimiter(server.url, leftovers);
    const redis = createRedis(server.url, { logger, name: 'look', lifecycle: leftovers });
    await waitForRedis(redis, 10_000);
    const fast: RateRule = { name: 'brief', rate: createRate(10, 1_000, 5), isStrict: false };

    await limiter.take([charge(fast, 'brief')]);

    expect(await redis.exists('tessera:rates:{brief}:brief:brief')).toBe(1);
    await eventually(async () => (await redis.exists('tessera:rates:{brief}:brief:brief')) === 0);
  });
});

describeWithRedis('rate limits while Redis fails', () => {
  let server: RedisServer;
  beforeEach(async () => {
    server = await startRedisServer();
  });
  afterEach(() => server.stop());

  test('are counted by the process alone, at once, and shared again after its restart', async () => {
    const changes: boolean[] = [];
    const shared = await connectedBuckets(server.url, leftovers, 200);
    const limiter = createRateLimiter({ shared, logger, onDegraded: (isDegraded) => changes.push(isDegraded) });
    const charges = [charge(rule('outage', 3), newId())];
    await limiter.take(charges);

    await server.kill9();
    await eventually(async () => {
      await limiter.take([charge(rule('other', 1_000_000), 'probe')]);
      return changes.length === 1;
    });
    const verdicts = [];
    for (let count = 0; count < 5; count += 1) verdicts.push(await limiter.take(charges));
    await server.restart();
    await eventually(async () => {
      await limiter.take([charge(rule('other', 1_000_000), 'probe')]);
      return changes.length === 2;
    });

    expect(verdicts.filter(({ isAllowed }) => isAllowed)).toHaveLength(3);
    expect(changes).toEqual([true, false]);
  });

  test('wait for a Redis that hangs no longer than their deadline, and once, not for each request', async () => {
    const limiter = createRateLimiter({ shared: await connectedBuckets(server.url, leftovers, 200), logger });
    const charges = [charge(rule('hang', 1_000), newId())];
    await limiter.take(charges);

    server.pause();
    const startedAtMs = performance.now();
    await limiter.take(charges);
    const firstMs = performance.now() - startedAtMs;
    for (let count = 0; count < 100; count += 1) await limiter.take(charges);
    const othersMs = performance.now() - startedAtMs - firstMs;
    server.resume();

    expect(firstMs).toBeGreaterThan(150);
    expect(firstMs).toBeLessThan(1_000);
    expect(othersMs).toBeLessThan(150);
  });
});
