import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { createRedis, waitForRedis, type RedisClient } from '@tessera/service/redis';
import { eventually } from '../../support/eventually.js';
import { createLeftovers, quietLogger } from '../../support/leftovers.js';
import { describeWithRedis, startRedisServer, type RedisServer } from '../../support/redis-server.js';
import { startLibrary, type Library, type LibraryGateway } from './library.js';

const query = '{ book(id: "1") { id title } }';
const leftovers = createLeftovers();
afterEach(() => leftovers.close());

describeWithRedis('gateways with one Redis', () => {
  let library: Library;
  let server: RedisServer;
  let redis: RedisClient;
  let first: LibraryGateway;
  let second: LibraryGateway;

  beforeAll(async () => {
    library = await startLibrary();
    server = await startRedisServer();
    const environment = { REDIS_URL: server.url, CACHE_MEMORY_SECONDS: '60', ENTITY_CACHE: 'private' };
    [first, second] = [await library.open(environment), await library.open(environment)];
  });
  afterAll(async () => {
    await library.close();
    await server.stop();
  });
  beforeEach(async () => {
    redis = createRedis(server.url, { name: 'test', logger: quietLogger(), lifecycle: leftovers });
    await waitForRedis(redis, 10_000);
    await forgetAll();
    await keptByBoth();
    await forgetAll();
    await eventually(async () => (await second.ask(query)).origin === 'miss');
    await forgetAll();
  });

  /** A Redis that is slow for a moment refuses it; whoever invalidates tries again. */
  const forgetAll = () => eventually(() => first.gateway.invalidate({ everything: true }).then(() => true));

  /** Until both gateways answer from what is kept. */
  const keptByBoth = () =>
    eventually(async () => {
      const origins = [await first.ask(query), await second.ask(query)].map(({ origin }) => origin);
      return origins.every((origin) => origin === 'hit');
    });

  test('what one was answered, the other answers', async () => {
    const before = library.catalog.requests();
    await first.ask(query);

    await eventually(async () => (await second.ask(query)).origin === 'hit');

    expect((await second.ask(query)).data).toEqual({ book: { id: '1', title: 'Dune' } });
    expect(library.catalog.requests()).toBeLessThanOrEqual(before + 2);
  });

  test('what is private stays its own, at the other gateway too', async () => {
    const [ada, bob] = [await library.signIn(), await library.signIn()];
    const own = (await first.ask('{ greeting }', { token: ada })).data;

    await eventually(async () => (await second.ask('{ greeting }', { token: ada })).origin === 'hit');

    expect((await second.ask('{ greeting }', { token: ada })).data).toEqual(own);
    const other = await second.ask('{ greeting }', { token: bob });
    expect(other.origin).toBe('miss');
    expect(other.data).not.toEqual(own);
  });

  test('what is invalidated at one is gone from the memory of the other', async () => {
    await keptByBoth();
    library.data.titles['1'] = 'New title';

    const { status } = await second.invalidate({ entities: [{ type: 'Book', key: { id: '1' } }] });

    expect(status).toBe(204);
    await eventually(async () => (await first.ask(query)).data?.['book'] !== undefined);
    await eventually(async () => JSON.stringify((await first.ask(query)).data).includes('New title'));
    library.data.titles['1'] = 'Dune';
  });

  test('a memory that may have missed news is not believed', async () => {
    await keptByBoth();
    await redis.flushall();
    expect((await first.ask(query)).origin).toBe('hit');

    // Whoever subscribes is cut off, and connects again.
    await redis.call('CLIENT', 'KILL', 'TYPE', 'pubsub');

    await eventually(async () => (await first.ask(query)).origin === 'miss');
  });

  test('an entry that somebody has changed in Redis is not answered', async () => {
    await first.ask(query);
    let keys: string[] = [];
    await eventually(async () => {
      keys = await redis.keys('tessera:{gateway-cache}:answers:*');
      return keys.length > 0;
    });
    for (const key of keys) {
      const text = (await redis.get(key)) ?? '';
      await redis.set(key, text.replace('Dune', 'Fake'));
    }

    expect((await second.ask(query)).data).toEqual({ book: { id: '1', title: 'Dune' } });
  });

  test('what Redis keeps has no token and no person in its keys', async () => {
    await first.ask('{ greeting }', { token: await library.signIn({ sub: '0191f0e6-0000-7000-8000-000000000001' }) });
    await eventually(async () => (await redis.keys('*')).some((key) => key.includes(':answers:')));

    const keys = await redis.keys('*');

    expect(keys.filter((key) => key.includes('0191f0e6'))).toEqual([]);
  });

  test('with Redis killed, hanging and back, every request is answered, and soon', async () => {
    await keptByBoth();
    await server.kill9();
    await answersAll(60);
    await expect(first.gateway.invalidate({ types: ['Book'] })).rejects.toMatchObject({ code: 'OVERLOADED' });
    expect((await second.invalidate({ types: ['Book'] })).status).toBe(503);

    await server.restart();
    await keptByBoth();

    server.pause();
    await answersAll(60);
    server.resume();
    await keptByBoth();
  });

  async function answersAll(count: number): Promise<void> {
    const before = performance.now();
    for (let asked = 0; asked < count; asked += 1) {
      // Each time another text, so that nothing but Redis could have it.
      const { data, status } = await first.ask(`{ book(id: "2") { alias${asked}: title rating } }`);
      expect(status).toBe(200);
      expect(data).toEqual({ book: { [`alias${asked}`]: 'Emma', rating: 4 } });
    }
    expect((performance.now() - before) / count).toBeLessThan(1_000);
  }
});
