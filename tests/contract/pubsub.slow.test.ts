import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  createInProcessPubSubHub,
  createRedisPubSub,
  type PubSub,
  type PubSubSubscription,
} from '@tessera/service/pubsub';
import { eventually } from '../support/eventually.js';
import { createLeftovers, quietLogger } from '../support/leftovers.js';
import { describeWithRedis, startRedisServer, type RedisServer } from '../support/redis-server.js';
import { startRedisCluster, startRedisSentinel, type RedisTopology } from '../support/redis-topologies.js';

const leftovers = createLeftovers();
afterEach(() => leftovers.close());

async function connect(url: string): Promise<PubSub> {
  const pubsub = createRedisPubSub({ url, channelPrefix: 'test:', logger: quietLogger(), lifecycle: leftovers });
  await eventually(() => canPublish(pubsub));
  return pubsub;
}

async function canPublish(pubsub: PubSub): Promise<boolean> {
  await pubsub.publish('probe', null);
  return true;
}

async function subscribed(pubsub: PubSub, channel: string): Promise<PubSubSubscription> {
  const subscription = pubsub.subscribe(channel);
  await subscription.ready;
  return subscription;
}

/** @param createInstances what two instances of a service would hold */
function pubsubContract(createInstances: () => Promise<readonly [PubSub, PubSub]>): void {
  let one: PubSub;
  let two: PubSub;
  beforeEach(async () => {
    [one, two] = await createInstances();
  });

  test('brings a message to every subscriber of its channel, whichever instance they are at', async () => {
    const here = await subscribed(one, 'alerts');
    const there = await subscribed(two, 'alerts');

    await one.publish('alerts', { level: 'high', values: [1, null, 'ü'] });

    const expected = { done: false, value: { level: 'high', values: [1, null, 'ü'] } };
    expect(await here.next()).toEqual(expected);
    expect(await there.next()).toEqual(expected);
  });

  test('keeps the order of one publisher', async () => {
    const subscription = await subscribed(two, 'numbers');

    for (let number = 1; number <= 20; number += 1) await one.publish('numbers', number);

    const received: unknown[] = [];
    for await (const message of subscription) {
      received.push(message);
      if (received.length === 20) break;
    }
    expect(received).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
  });

  test('brings nothing of other channels', async () => {
    const subscription = await subscribed(two, 'a');

    await one.publish('b', 'not for a');
    await one.publish('a', 'for a');

    expect(await subscription.next()).toEqual({ done: false, value: 'for a' });
  });

  test('ends a waiting iteration when the subscription is closed', async () => {
    const subscription = await subscribed(one, 'quiet');
    const waiting = subscription.next();

    await subscription.close();

    expect(await waiting).toEqual({ done: true, value: undefined });
    expect(await subscription.next()).toEqual({ done: true, value: undefined });
  });

  test('goes on serving the other subscribers of a channel when one has left', async () => {
    const leaving = await subscribed(one, 'shared');
    const staying = await subscribed(one, 'shared');

    await leaving.return();
    await two.publish('shared', 'still here');

    expect(await staying.next()).toEqual({ done: false, value: 'still here' });
  });

  test('serves a channel again that everybody had left', async () => {
    const first = await subscribed(one, 'returning');
    const leaving = first.close();
    const second = await subscribed(one, 'returning');
    await leaving;

    await two.publish('returning', 'back');

    expect(await second.next()).toEqual({ done: false, value: 'back' });
  });

  test('ends a subscription that falls behind its buffer, and no other', async () => {
    const slow = one.subscribe('flood', { maxBufferedMessages: 2 });
    const patient = await subscribed(one, 'flood');
    await slow.ready;

    for (let number = 1; number <= 3; number += 1) await two.publish('flood', number);
    for (let number = 1; number <= 3; number += 1) await patient.next();

    await expect(slow.next()).rejects.toMatchObject({ code: 'OVERLOADED' });
    expect(await slow.next()).toEqual({ done: true, value: undefined });
  });
}

describe('pub/sub in the process', () => {
  pubsubContract(async () => {
    const hub = createInProcessPubSubHub();
    return [hub, hub];
  });
});

describeWithRedis('pub/sub over a single Redis', () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedisServer();
  });
  afterAll(() => server.stop());

  pubsubContract(() => Promise.all([connect(server.url), connect(server.url)]));

  test('keeps two installations apart by their prefix', async () => {
    const here = await connect(server.url);
    const elsewhere = createRedisPubSub({
      url: server.url,
      channelPrefix: 'elsewhere:',
      logger: quietLogger(),
      lifecycle: leftovers,
    });
    await eventually(() => canPublish(elsewhere));
    const subscription = await subscribed(here, 'alerts');

    await elsewhere.publish('alerts', 'theirs');
    await here.publish('alerts', 'ours');

    expect(await subscription.next()).toEqual({ done: false, value: 'ours' });
  });

  test('subscribes again after Redis was killed and restarted, and says that messages were missed', async () => {
    const pubsub = await connect(server.url);
    const gap = Promise.withResolvers<void>();
    const subscription = pubsub.subscribe('alerts', { onGap: gap.resolve });
    await subscription.ready;

    await server.kill9();
    await expect(pubsub.publish('alerts', 'lost')).rejects.toMatchObject({ code: 'OVERLOADED' });
    await server.restart();
    await gap.promise;
    await eventually(() => canPublish(pubsub));
    await pubsub.publish('alerts', 'after');

    expect(await subscription.next()).toEqual({ done: false, value: 'after' });
  });

  test('becomes ready by itself when it subscribes while Redis is down', async () => {
    const pubsub = await connect(server.url);
    await server.kill9();

    const subscription = pubsub.subscribe('alerts');
    await server.restart();
    await subscription.ready;
    await eventually(() => canPublish(pubsub));
    await pubsub.publish('alerts', 'after');

    expect(await subscription.next()).toEqual({ done: false, value: 'after' });
  });
});

describeWithRedis('pub/sub over a Redis cluster', () => {
  let cluster: RedisTopology;
  beforeAll(async () => {
    cluster = await startRedisCluster();
  }, 30_000);
  afterAll(() => cluster.stop());

  pubsubContract(() => Promise.all([connect(cluster.url), connect(cluster.url)]));

  test('moves its subscription to another node when its own dies', async () => {
    const pubsub = await connect(cluster.url);
    const subscription = pubsub.subscribe('alerts');
    await subscription.ready;

    // The first attempt goes to the first node, so this is the one that the subscription hangs on.
    await cluster.servers[0]?.kill9();
    let received: unknown;
    void subscription.next().then(({ value }) => (received = value));
    await eventually(async () => {
      await pubsub.publish('alerts', 'still served');
      return received !== undefined;
    });

    expect(received).toBe('still served');
  }, 30_000);
});

describeWithRedis('pub/sub behind Sentinels', () => {
  let topology: RedisTopology;
  beforeAll(async () => {
    topology = await startRedisSentinel();
  }, 30_000);
  afterAll(() => topology.stop());

  pubsubContract(() => Promise.all([connect(topology.url), connect(topology.url)]));

  test('follows the master after a failover', async () => {
    const pubsub = await connect(topology.url);
    const gap = Promise.withResolvers<void>();
    const subscription = pubsub.subscribe('alerts', { onGap: gap.resolve });
    await subscription.ready;

    await topology.servers[0]?.kill9();
    await gap.promise;
    await eventually(() => canPublish(pubsub));
    await pubsub.publish('alerts', 'from the new master');

    expect(await subscription.next()).toEqual({ done: false, value: 'from the new master' });
  }, 30_000);
});
