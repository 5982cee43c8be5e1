import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import {
  createDomainEvent,
  createInProcessEventBus,
  createRedisEventBus,
  type DomainEvent,
  type EventBus,
} from '@tessera/service/events';
import { eventually } from '../support/eventually.js';
import { createLeftovers, quietLogger } from '../support/leftovers.js';
import { describeWithRedis, startRedisServer, type RedisServer } from '../support/redis-server.js';
import { startRedisCluster, startRedisSentinel, type RedisTopology } from '../support/redis-topologies.js';

const logger = quietLogger();
const leftovers = createLeftovers();
afterEach(() => leftovers.close());

const quickSettings = { redeliverAfterMs: 200, maxRedeliverAfterMs: 200 };

function connect(url: string): EventBus {
  return createRedisEventBus({ url, logger, lifecycle: leftovers, settings: quickSettings });
}

/** Publishes as the outbox relay does: again, until it is accepted. */
async function publishUntilAccepted(bus: EventBus, event: DomainEvent): Promise<void> {
  await eventually(async () => {
    await bus.publish([event]);
    return true;
  });
}

/** Starts a consumer that remembers what it was given. */
function collect(bus: EventBus, consumer: string, types: readonly string[]): DomainEvent[] {
  const received: DomainEvent[] = [];
  bus.subscribe({ consumer, types, handle: async (event) => void received.push(event) });
  return received;
}

const signedUp = (name: string): DomainEvent => createDomainEvent({ type: 'user.signedUp', payload: { name } });

const namesOf = (events: readonly DomainEvent[]): unknown[] => events.map(({ payload }) => payload['name']);

function eventsContract(createBus: () => EventBus): void {
  let bus: EventBus;
  beforeEach(() => {
    bus = createBus();
  });

  test('brings an event, whole, to every consumer that named its type', async () => {
    const one = collect(bus, 'whole-one', ['user.signedUp', 'user.renamed']);
    const two = collect(bus, 'whole-two', ['user.signedUp']);
    const event = createDomainEvent({ type: 'user.signedUp', tenantId: 't1', payload: { nested: { list: [1, 'ü'] } } });

    await publishUntilAccepted(bus, event);

    await eventually(() => one.some(({ id }) => id === event.id) && two.some(({ id }) => id === event.id));
    expect(one.find(({ id }) => id === event.id)).toEqual(event);
  });

  test('brings a consumer nothing of the types that it did not name', async () => {
    const received = collect(bus, 'choosy', ['tenant.created']);

    await publishUntilAccepted(bus, signedUp('not for it'));
    await publishUntilAccepted(bus, createDomainEvent({ type: 'tenant.created', payload: {} }));

    await eventually(() => received.length > 0);
    expect(received.every(({ type }) => type === 'tenant.created')).toBe(true);
  });

  test('delivers an event again until its handler succeeds', async () => {
    const event = signedUp('third time lucky');
    let calls = 0;
    let succeeded = false;
    bus.subscribe({
      consumer: 'clumsy',
      types: ['user.signedUp'],
      async handle({ id }) {
        if (id !== event.id) return;
        calls += 1;
        if (calls < 3) throw new Error('not yet');
        succeeded = true;
      },
    });

    await publishUntilAccepted(bus, event);

    await eventually(() => succeeded);
    expect(calls).toBe(3);
  });

  test('keeps a failing consumer from nobody but itself, and a failing event from no other', async () => {
    const poison = signedUp('poison');
    const passed: DomainEvent[] = [];
    bus.subscribe({
      consumer: 'sick',
      types: ['user.signedUp'],
      async handle(event) {
        if (event.id === poison.id) throw new Error('never');
        passed.push(event);
      },
    });
    const healthy = collect(bus, 'healthy', ['user.signedUp']);
    const harmless = signedUp('harmless');

    await eventually(async () => {
      await bus.publish([poison]).catch(() => undefined);
      return healthy.some(({ id }) => id === poison.id);
    });
    await publishUntilAccepted(bus, harmless);

    await eventually(() => passed.some(({ id }) => id === harmless.id));
    await eventually(() => healthy.some(({ id }) => id === harmless.id));
  });

  test('finishes the event in hand before a consumer is closed', async () => {
    const begun = Promise.withResolvers<void>();
    const mayEnd = Promise.withResolvers<void>();
    let finished = false;
    const consumer = bus.subscribe({
      consumer: 'closing',
      types: ['slow.event'],
      async handle() {
        begun.resolve();
        await mayEnd.promise;
        finished = true;
      },
    });
    const published = publishUntilAccepted(bus, createDomainEvent({ type: 'slow.event', payload: {} }));
    await begun.promise;

    const closed = consumer.close();
    mayEnd.resolve();
    await closed;

    expect(finished).toBe(true);
    await published;
  });

  test('refuses a second consumer of the same name until the first is closed', async () => {
    const first = bus.subscribe({ consumer: 'only', types: [], handle: async () => undefined });

    expect(() => bus.subscribe({ consumer: 'only', types: [], handle: async () => undefined })).toThrow(/only/);
    await first.close();
    expect(() => bus.subscribe({ consumer: 'only', types: [], handle: async () => undefined })).not.toThrow();
  });

  test('closes a consumer whose signal is aborted', async () => {
    const controller = new AbortController();
    const received: DomainEvent[] = [];
    const handle = async (event: DomainEvent): Promise<void> => void received.push(event);
    bus.subscribe({ consumer: 'aborted', types: ['late.event'], handle, signal: controller.signal });

    controller.abort();
    await eventually(() => {
      bus.subscribe({ consumer: 'aborted', types: [], handle: async () => undefined });
      return true;
    });
    await publishUntilAccepted(bus, createDomainEvent({ type: 'late.event', payload: {} }));

    expect(received).toEqual([]);
  });
}

describe('events in the process', () => {
  eventsContract(() => createInProcessEventBus({ logger }));

  test('are refused while an expected consumer is away, so that they stay in the outbox', async () => {
    const bus = createInProcessEventBus({ logger, expectedConsumers: ['tenant'] });

    await expect(bus.publish([signedUp('early')])).rejects.toMatchObject({ code: 'OVERLOADED' });
    const received = collect(bus, 'tenant', ['user.signedUp']);
    await bus.publish([signedUp('in time')]);

    expect(namesOf(received)).toEqual(['in time']);
  });

  test('are not handled twice by one consumer because another one failed', async () => {
    const bus = createInProcessEventBus({ logger });
    const received = collect(bus, 'steady', ['user.signedUp']);
    let failures = 2;
    const handle = async (): Promise<void> => {
      if (failures-- > 0) throw new Error('not yet');
    };
    bus.subscribe({ consumer: 'clumsy', types: ['user.signedUp'], handle });

    await publishUntilAccepted(bus, signedUp('once'));

    expect(namesOf(received)).toEqual(['once']);
  });

  test('fail when a handler hangs, instead of hanging with it', async () => {
    const bus = createInProcessEventBus({ logger, handlerTimeoutMs: 20 });
    bus.subscribe({ consumer: 'hanging', types: ['user.signedUp'], handle: () => new Promise(() => undefined) });

    await expect(bus.publish([signedUp('stuck')])).rejects.toMatchObject({ code: 'OVERLOADED' });
  });
});

describeWithRedis('events over a single Redis', () => {
  let server: RedisServer;
  beforeAll(async () => {
    server = await startRedisServer();
  });
  afterAll(() => server.stop());

  eventsContract(() => connect(server.url));
});

describeWithRedis('events over a Redis cluster', () => {
  let cluster: RedisTopology;
  beforeAll(async () => {
    cluster = await startRedisCluster();
  }, 30_000);
  afterAll(() => cluster.stop());

  eventsContract(() => connect(cluster.url));
});

describeWithRedis('events behind Sentinels', () => {
  let topology: RedisTopology;
  beforeAll(async () => {
    topology = await startRedisSentinel();
  }, 30_000);
  afterAll(() => topology.stop());

  eventsContract(() => connect(topology.url));

  test('go on over the new master after a failover', async () => {
    const bus = connect(topology.url);
    const received = collect(bus, 'follower', ['user.signedUp']);
    await publishUntilAccepted(bus, signedUp('before'));
    await eventually(() => namesOf(received).includes('before'));

    await topology.servers[0]?.kill9();
    await publishUntilAccepted(bus, signedUp('after'));

    await eventually(() => namesOf(received).includes('after'));
  }, 30_000);
});
