import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createDomainEvent, createRedisEventBus } from '@tessera/service/events';
import { Lifecycle } from '@tessera/service/lifecycle';
import { createLogger } from '@tessera/service/logging';
import { usageLatencyBoundsMs } from '@tessera/service/metrics';
import { describeWithRedis, startRedisServer, type RedisServer } from '../../support/redis-server.js';
import { aTenant, createAlertRule, nextOf, track } from './analytics-client.js';
import { startCluster, type Cluster, type Instance } from './instances.js';

interface Live {
  readonly liveMetrics: { readonly eventsPerSecond: number; readonly requestsPerSecond: number };
}

describeWithRedis('two instances that share Redis', () => {
  const logger = createLogger({ service: 'test', level: 'silent' });
  const lifecycle = new Lifecycle({ logger, drainDelayMs: 0, shutdownTimeoutMs: 5_000 });
  let redis: RedisServer;
  let cluster: Cluster;
  let first: Instance;
  let second: Instance;

  beforeAll(async () => {
    redis = await startRedisServer({ persistent: true });
    cluster = await startCluster(redis.url);
    [first, second] = [await cluster.startInstance(), await cluster.startInstance()];
  }, 60_000);

  afterAll(async () => {
    await lifecycle.stop();
    await cluster.stop();
    await redis.stop();
  });

  const statusesOf = async (changes: AsyncIterator<unknown>, count: number) => {
    const seen: string[] = [];
    while (seen.length < count) {
      seen.push((await nextOf<{ alerts: { status: string } }>(changes)).alerts.status);
    }
    return seen;
  };

  test('live numbers of one show what the other took in, and gateways’ reports', async () => {
    const { tenantId, admin } = aTenant();
    const watched = [first, second].map((instance) =>
      instance.subscribe(admin, 'subscription { liveMetrics(intervalMs: 250) { eventsPerSecond requestsPerSecond } }'),
    );
    for (const results of watched) await nextOf(results);
    const gateway = createRedisEventBus({ url: redis.url, logger, lifecycle });
    const latencyCounts = [...usageLatencyBoundsMs, Infinity].map(() => 0);
    const counts = { gatewayId: 'gateway-1', windowMs: 1_000, requests: 50, errors: 0, latencyCounts };
    const payload = { ...counts, activeConnections: 1, userIds: [randomUUID()] };

    await track(
      first,
      admin,
      Array.from({ length: 100 }, () => ({})),
    );
    await gateway.publish([createDomainEvent({ type: 'usage.reported', tenantId, payload })]);

    for (const results of watched) {
      let live = (await nextOf<Live>(results)).liveMetrics;
      while (live.eventsPerSecond === 0 || live.requestsPerSecond === 0) {
        live = (await nextOf<Live>(results)).liveMetrics;
      }
      expect(live).toEqual({ eventsPerSecond: 20, requestsPerSecond: 10 });
      await results.return?.();
    }
  }, 20_000);

  test('a Redis that dies and comes back costs no subscriber a change of an alert', async () => {
    const { admin } = aTenant();
    const watched = [first, second].map((instance) => instance.subscribe(admin, 'subscription { alerts { status } }'));
    await createAlertRule(first, admin, { threshold: 0, windowSeconds: 2, forSeconds: 1 });
    const live = second.subscribe(admin, 'subscription { liveMetrics { at } }');
    await nextOf(live);
    await live.return?.();

    await redis.kill9();
    const tracked = await track(first, admin, [{}]);
    const whileDown = await Promise.all(watched.map((changes) => statusesOf(changes, 2)));
    await redis.restart();
    const afterwards = await Promise.all(watched.map((changes) => statusesOf(changes, 1)));

    expect(tracked.data?.track.accepted).toBe(1);
    expect(whileDown).toEqual([
      ['PENDING', 'FIRING'],
      ['PENDING', 'FIRING'],
    ]);
    expect(afterwards).toEqual([['RESOLVED'], ['RESOLVED']]);
    await Promise.all(watched.map((changes) => changes.return?.()));
  }, 30_000);
});
