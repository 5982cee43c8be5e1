import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createLiveEvents, type LiveEvents, type LiveListener, type LiveSource } from '@tessera/service/live-events';
import { createInProcessPubSubHub, createPubSub } from '@tessera/service/pubsub';
import { Redis } from 'ioredis';
import { eventually } from '../support/eventually.js';
import { createLeftovers, quietLogger } from '../support/leftovers.js';
import { describeWithRedis, startRedisServer, type RedisServer } from '../support/redis-server.js';

const leftovers = createLeftovers();
afterEach(() => leftovers.close());

/** Writes down what it is told. */
class Diary implements LiveListener {
  readonly payloads: unknown[] = [];
  readonly ids: (string | undefined)[] = [];
  readonly begun: string[] = [];
  readonly codes: string[] = [];
  gaps = 0;

  event(payload: unknown, id?: string): void {
    this.payloads.push(payload);
    this.ids.push(id);
  }
  began(id: string): void {
    this.begun.push(id);
  }
  gap(): void {
    this.gaps += 1;
  }
  failed({ code }: { readonly code: string }): void {
    this.codes.push(code);
  }
}

const stream: LiveSource = { kind: 'stream', name: 'orders' };
const channel: LiveSource = { kind: 'channel', name: 'orders' };

/** @param create what two processes would hold, whose streams keep so many events */
function liveEventsContract(create: (maxLength?: number) => readonly [LiveEvents, LiveEvents]): void {
  let one: LiveEvents;
  let two: LiveEvents;
  beforeEach(() => {
    [one, two] = create();
  });

  const listen = (events: LiveEvents, source: LiveSource, after?: string): Diary => {
    const diary = new Diary();
    leftovers.defer('listener', events.listen(source, diary, after));
    return diary;
  };
  const append = async (count: number, from = 1): Promise<string[]> => {
    const ids: string[] = [];
    for (let number = from; number < from + count; number += 1) {
      await eventually(async () => ids.push(await one.append('orders', { number })) > 0);
    }
    return ids;
  };
  const numbers = (first: number, last: number): object[] =>
    Array.from({ length: last - first + 1 }, (_, index) => ({ number: first + index }));

  test('an event of a channel comes to who listens, without an id', async () => {
    const diary = listen(two, channel);

    await eventually(async () => {
      await one.publish('orders', { number: 1 }).catch(() => undefined);
      return diary.payloads.length > 0;
    });

    expect(diary.payloads[0]).toEqual({ number: 1 });
    expect(diary.ids[0]).toBeUndefined();
  });

  test('a stream is followed from now on, and says where that is', async () => {
    const [old] = await append(1);
    const diary = listen(two, stream);
    await eventually(() => diary.begun.length === 1);

    const ids = await append(3, 2);

    await eventually(() => diary.payloads.length === 3);
    expect(diary.begun).toEqual([old]);
    expect(diary.payloads).toEqual(numbers(2, 4));
    expect(diary.ids).toEqual(ids);
  });

  test('a stream that is followed behind an event gives each later one once, in order, while others are written', async () => {
    const [first] = await append(250);
    const diary = listen(two, stream, first);
    const late = listen(two, stream, first);

    await append(50, 251);

    await eventually(() => diary.payloads.length === 299 && late.payloads.length === 299);
    expect(diary.payloads).toEqual(numbers(2, 300));
    expect(late.payloads).toEqual(numbers(2, 300));
    expect(diary.begun).toEqual([]);
  });

  test('who comes later misses nothing between what is read again and what is live', async () => {
    const [first] = await append(5);
    const early = listen(two, stream);
    await eventually(() => early.begun.length === 1);

    const writing = append(40, 6);
    const late = Array.from({ length: 5 }, () => listen(two, stream, first));
    await writing;

    await eventually(() => late.every(({ payloads }) => payloads.length === 44));
    for (const { payloads } of late) expect(payloads).toEqual(numbers(2, 45));
    expect(early.payloads).toEqual(numbers(6, 45));
  });

  test('what is no id, and what came before all that is kept, is refused', async () => {
    [one, two] = create(1);
    const [first] = await append(400);

    const [malformed, gone] = [listen(two, stream, 'yesterday'), listen(two, stream, first)];

    await eventually(() => malformed.codes.length === 1 && gone.codes.length === 1);
    expect(malformed.codes).toEqual(['BAD_USER_INPUT']);
    expect(gone.codes).toEqual(['PRECONDITION_FAILED']);
  });

  test('who has left hears nothing more', async () => {
    const left = new Diary();
    const leave = two.listen(stream, left);
    const diary = listen(two, stream);
    await eventually(() => left.begun.length === 1 && diary.begun.length === 1);

    leave();
    await append(1);

    await eventually(() => diary.payloads.length === 1);
    expect(left.payloads).toEqual([]);
  });
}

describe('within a process', () => {
  liveEventsContract((maxLength = 1_000) => {
    const events = createLiveEvents({
      pubSub: createInProcessPubSubHub(),
      logger: quietLogger(),
      lifecycle: leftovers,
      maxLength,
    });
    return [events, events];
  });
});

describeWithRedis('over Redis', () => {
  let redis: RedisServer;
  beforeAll(async () => {
    redis = await startRedisServer({ persistent: true });
  });
  afterAll(() => redis.stop());
  afterEach(async () => {
    const client = new Redis(redis.url);
    await client.flushall();
    client.disconnect();
  });

  const create = (maxLength = 1_000): LiveEvents => {
    const shared = { logger: quietLogger(), lifecycle: leftovers, redisUrl: redis.url };
    return createLiveEvents({ ...shared, pubSub: createPubSub(shared), maxLength });
  };
  liveEventsContract((maxLength) => [create(maxLength), create(maxLength)]);

  test('a stream goes on without a gap when Redis was away', async () => {
    const [writer, reader] = [create(), create()];
    const diary = new Diary();
    leftovers.defer('listener', reader.listen(stream, diary));
    await eventually(() => diary.begun.length === 1);

    await redis.restart();
    for (const number of [1, 2, 3]) {
      await eventually(() => writer.append('orders', { number }).then(() => true));
    }

    await eventually(() => diary.payloads.length >= 3);
    expect(diary.payloads).toEqual([{ number: 1 }, { number: 2 }, { number: 3 }]);
    expect(diary.gaps).toBe(0);
  });

  test('what Redis lost with its data is told as a gap', async () => {
    const [writer, reader] = [create(), create()];
    const diary = new Diary();
    await eventually(() => writer.append('orders', { number: 1 }).then(() => true));
    leftovers.defer('listener', reader.listen(stream, diary));
    await eventually(() => diary.begun.length === 1);

    const client = new Redis(redis.url);
    await client.flushall();
    client.disconnect();
    await redis.restart();

    await eventually(() => diary.gaps > 0);
  });
});
