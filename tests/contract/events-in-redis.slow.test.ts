import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { AppError } from '@tessera/service/errors';
import {
  createDomainEvent,
  createRedisEventBus,
  type DomainEvent,
  type EventBus,
  type StreamSettings,
} from '@tessera/service/events';
import { deadEventStreamKey, eventStreamKey } from '@tessera/service/redis';
import { Redis } from 'ioredis';
import { eventually } from '../support/eventually.js';
import { createLeftovers, quietLogger } from '../support/leftovers.js';
import { describeWithRedis, startRedisServer, type RedisServer } from '../support/redis-server.js';

const leftovers = createLeftovers();

const numbered = (number: number): DomainEvent => createDomainEvent({ type: 'user.signedUp', payload: { number } });

describeWithRedis('events in a Redis stream', () => {
  let server: RedisServer;
  let admin: Redis;
  beforeEach(async () => {
    server = await startRedisServer({ persistent: true });
    admin = new Redis(server.url);
    admin.on('error', () => undefined);
  });
  afterEach(async () => {
    admin.disconnect();
    await leftovers.close();
    await server.stop();
  });

  function connect(settings: Partial<StreamSettings> = {}): EventBus {
    return createRedisEventBus({
      url: server.url,
      logger: quietLogger(),
      lifecycle: leftovers,
      settings: { redeliverAfterMs: 200, maxRedeliverAfterMs: 200, ...settings },
    });
  }

  async function publish(bus: EventBus, ...events: readonly DomainEvent[]): Promise<void> {
    await eventually(async () => {
      await bus.publish(events);
      return true;
    });
  }

  function collect(bus: EventBus, consumer = 'tenant'): unknown[] {
    const numbers: unknown[] = [];
    const handle = async ({ payload }: DomainEvent): Promise<void> => void numbers.push(payload['number']);
    bus.subscribe({ consumer, types: ['user.signedUp'], handle });
    return numbers;
  }

  test('reach a consumer that is started for the first time after they were published', async () => {
    await publish(connect(), numbered(1), numbered(2));

    const received = collect(connect());

    await eventually(() => received.length === 2);
    expect(received).toEqual([1, 2]);
  });

  test('are shared by the instances of a consumer, each event handled once', async () => {
    const publisher = connect();
    const one = collect(connect());
    const two = collect(connect());
    await eventually(async () => (await admin.info('clients')).includes('blocked_clients:2'));
    const numbers = Array.from({ length: 300 }, (_, index) => index);

    for (const number of numbers) await publish(publisher, numbered(number));

    await eventually(() => one.length + two.length >= numbers.length);
    expect([...one, ...two].map(Number).sort((a, b) => a - b)).toEqual(numbers);
    expect(one.length).toBeGreaterThan(0);
    expect(two.length).toBeGreaterThan(0);
  });

  test('are handled again at once where something else was away for a moment', async () => {
    const handled = Promise.withResolvers<void>();
    let tries = 0;
    const handle = async (): Promise<void> => {
      tries += 1;
      if (tries < 4) throw new AppError('OVERLOADED', 'Message was not published: Redis is not connected');
      handled.resolve();
    };
    connect({ redeliverAfterMs: 600_000 }).subscribe({ consumer: 'tenant', types: ['user.signedUp'], handle });

    await publish(connect(), numbered(1));
    await handled.promise;

    await eventually(async () => (await admin.xpending(eventStreamKey, 'tenant'))[0] === 0);
    expect(tries).toBe(4);
  }, 20_000);

  test('are taken over from an instance that died with them', async () => {
    await publish(connect(), numbered(1));
    await admin.xgroup('CREATE', eventStreamKey, 'tenant', '0');
    await admin.xreadgroup('GROUP', 'tenant', 'dead instance', 'STREAMS', eventStreamKey, '>');

    const received = collect(connect());

    await eventually(() => received.length === 1);
    await eventually(async () => (await admin.xpending(eventStreamKey, 'tenant'))[0] === 0);
  });

  test('leave no trace of instances that ended long ago and owe nothing', async () => {
    await publish(connect(), numbered(1));
    await admin.xgroup('CREATE', eventStreamKey, 'tenant', '0');
    await admin.xgroup('CREATECONSUMER', eventStreamKey, 'tenant', 'long gone');

    collect(connect({ forgetMemberAfterMs: 100 }));

    await eventually(async () => {
      const members = JSON.stringify(await admin.xinfo('CONSUMERS', eventStreamKey, 'tenant'));
      return !members.includes('long gone');
    });
  });

  test('go to the dead stream, with their consumer and the reason, when they fail too often', async () => {
    const bus = connect({ redeliverAfterMs: 50, maxRedeliverAfterMs: 50, maxDeliveries: 3 });
    let calls = 0;
    const handle = async (): Promise<void> => {
      calls += 1;
      throw new Error('the handler is broken');
    };
    bus.subscribe({ consumer: 'tenant', types: ['user.signedUp'], handle });
    const event = numbered(1);

    await publish(bus, event);

    await eventually(async () => (await admin.xlen(deadEventStreamKey)) === 1);
    const [[, fields] = []] = await admin.xrange(deadEventStreamKey, '-', '+');
    expect(fields).toEqual(expect.arrayContaining(['consumer', 'tenant', 'reason', 'the handler is broken']));
    expect(JSON.parse(fields?.[1] ?? '')).toEqual(event);
    expect(calls).toBe(3);
    await eventually(async () => (await admin.xpending(eventStreamKey, 'tenant'))[0] === 0);
  });

  test('that are no events at all go to the dead stream too, and hold nothing up', async () => {
    const bus = connect();
    await admin.xadd(eventStreamKey, '*', 'event', '{"type":');
    await publish(bus, numbered(1));

    const received = collect(bus);

    await eventually(() => received.length === 1);
    expect(await admin.xlen(deadEventStreamKey)).toBe(1);
  });

  test('survive a kill of Redis in the middle, and every accepted one arrives', async () => {
    const bus = connect();
    const received = collect(connect());
    const accepted: number[] = [];

    for (let number = 0; number < 200; number += 1) {
      if (number === 100) {
        await server.kill9();
        await expect(bus.publish([numbered(-1)])).rejects.toMatchObject({ code: 'OVERLOADED' });
        await server.restart();
      }
      await publish(bus, numbered(number));
      accepted.push(number);
    }

    await eventually(() => new Set(received).size >= accepted.length);
    expect([...new Set(received.map(Number))].sort((a, b) => a - b)).toEqual(accepted);
  }, 30_000);

  test('flow again after Redis lost all its data', async () => {
    const bus = connect();
    const received = collect(bus);
    await publish(bus, numbered(1));
    await eventually(() => received.length === 1);

    await admin.flushall();
    await publish(bus, numbered(2));

    await eventually(() => received.includes(2));
  });

  test('are refused rather than dropped when the stream is full of unread ones, and accepted once they are read', async () => {
    const bus = connect({ maxLength: 10 });
    await admin.xgroup('CREATE', eventStreamKey, 'tenant', '0', 'MKSTREAM');
    const first = Array.from({ length: 10 }, (_, index) => numbered(index));
    await publish(bus, ...first);

    await eventually(() =>
      bus.publish([numbered(10)]).then(
        () => false,
        (error: { code?: string }) => error.code === 'OVERLOADED',
      ),
    );
    const received = collect(connect());
    await publish(bus, numbered(11));

    await eventually(() => received.includes(11));
    expect(received.slice(0, 10)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(await admin.xlen(eventStreamKey)).toBeLessThanOrEqual(11);
  });
});
