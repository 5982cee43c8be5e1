import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Lifecycle } from '@tessera/service/lifecycle';
import { createLogger } from '@tessera/service/logging';
import { createRedis } from '@tessera/service/redis';
import { Redis } from 'ioredis';
import { eventually } from '../support/eventually.js';
import { describeWithRedis, startRedisServer, type RedisServer } from '../support/redis-server.js';
import { startSentinel, type Sentinel } from '../support/sentinel.js';

describeWithRedis('a connection behind Sentinels', () => {
  const logger = createLogger({ service: 'test', level: 'silent' });
  let lifecycle: Lifecycle;
  let server: RedisServer;
  let sentinel: Sentinel;

  beforeAll(async () => {
    lifecycle = new Lifecycle({ logger, drainDelayMs: 0, shutdownTimeoutMs: 5_000 });
    server = await startRedisServer();
    sentinel = await startSentinel(server.port);
  });
  afterAll(async () => {
    await lifecycle.stop();
    await sentinel.stop();
    await server.stop();
  });

  /** Ends all connections to the master but the one that asks for it. */
  async function loseConnections(): Promise<void> {
    const admin = new Redis(server.port, '127.0.0.1');
    await admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    admin.disconnect();
  }

  test('comes back where it is told of a failover while it looks for the master, and stays closed once it is', async () => {
    const url = `redis+sentinel://127.0.0.1:${sentinel.port}/main`;
    const redis = createRedis(url, { logger, lifecycle, name: 'test' });
    await eventually(() => redis.status === 'ready');
    await sentinel.watched();
    const asked = sentinel.hold();
    await loseConnections();
    await asked;

    await sentinel.announceFailover();
    sentinel.release();

    await eventually(() => redis.status === 'ready');
    expect(await redis.ping()).toBe('PONG');
    const ended = new Promise((resolve) => redis.once('end', resolve));
    redis.disconnect();
    await ended;
    const reconnected = new Promise((resolve) => redis.once('connecting', () => resolve('reconnected')));
    const looked = eventually(() => false, 300).catch(() => 'closed');
    expect(await Promise.race([reconnected, looked])).toBe('closed');
  });
});
