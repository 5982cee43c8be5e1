import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import {
  appendToOutbox,
  consumeOnce,
  createDomainEvent,
  createRedisEventBus,
  eventTablesSql,
  startOutboxRelay,
  type DomainEvent,
  type SqlExecutor,
} from '@tessera/service/events';
import { Redis } from 'ioredis';
import { Pool } from 'pg';
import { eventually } from '../../support/eventually.js';
import { createLeftovers, quietLogger } from '../../support/leftovers.js';
import { runSql, startPostgresServer, type PostgresServer } from '../../support/postgres-server.js';
import { describeWithRedis, startRedisServer, type RedisServer } from '../../support/redis-server.js';

const logger = quietLogger();
const leftovers = createLeftovers();

describeWithRedis('events from one database to another', () => {
  let postgres: PostgresServer;
  let redis: RedisServer;
  let publisherUrl: string;
  let consumerUrl: string;

  beforeEach(async () => {
    [postgres, redis] = await Promise.all([startPostgresServer(), startRedisServer({ persistent: true })]);
    publisherUrl = await postgres.createDatabase();
    consumerUrl = await postgres.createDatabase();
    await runSql(publisherUrl, ...eventTablesSql);
    await runSql(consumerUrl, ...eventTablesSql, 'create table ledger (number integer not null)');
  }, 30_000);
  afterEach(async () => {
    await leftovers.close();
    await Promise.all([postgres.stop(), redis.stop()]);
  });

  /** Runs work in one transaction; commits when it resolves. */
  async function transaction(pool: Pool, work: (query: SqlExecutor) => Promise<void>): Promise<void> {
    const client = await pool.connect();
    client.on('error', () => undefined);
    let failure: Error | undefined;
    try {
      await client.query('begin');
      await work(async (sql, parameters) => (await client.query<Record<string, unknown>>(sql, [...parameters])).rows);
      await client.query('commit');
    } catch (error) {
      failure = error as Error;
      throw error;
    } finally {
      client.release(failure);
    }
  }

  function openPool(url: string): Pool {
    const pool = new Pool({ connectionString: url, max: 4 });
    pool.on('error', () => undefined);
    leftovers.defer('pool', () => pool.end());
    return pool;
  }

  function openBus() {
    const settings = { redeliverAfterMs: 300, maxRedeliverAfterMs: 300, maxDeliveries: 100 };
    return createRedisEventBus({ url: redis.url, logger, lifecycle: leftovers, settings });
  }

  test('arrive exactly once each, whatever dies in between', async () => {
    const publisher = openPool(publisherUrl);
    const consumer = openPool(consumerUrl);
    for (let instance = 0; instance < 2; instance += 1) {
      startOutboxRelay({ connectionString: publisherUrl, bus: openBus(), logger, lifecycle: leftovers });
      openBus().subscribe({
        consumer: 'ledger',
        types: ['number.drawn'],
        handle: (event: DomainEvent) =>
          transaction(consumer, async (query) => {
            if (!(await consumeOnce(query, 'ledger', event.id))) return;
            await query('insert into ledger (number) values ($1)', [event.payload['number']]);
          }),
      });
    }
    const committed: number[] = [];

    for (let number = 0; number < 400; number += 1) {
      if (number === 80) await postgres.dropConnections(consumerUrl);
      if (number === 160) await redis.kill9();
      if (number === 220) await redis.restart();
      if (number === 280) await postgres.dropConnections(publisherUrl);
      if (number === 340) {
        redis.pause();
        setTimeout(() => redis.resume(), 1_500);
      }
      const event = createDomainEvent({ type: 'number.drawn', payload: { number } });
      const isCommitted = await transaction(publisher, (query) => appendToOutbox(query, [event])).then(
        () => true,
        () => false,
      );
      if (isCommitted) committed.push(number);
    }

    await eventually(async () => {
      const [row] = await runSql(consumerUrl, 'select count(distinct number) as count from ledger');
      return Number(row?.['count']) >= committed.length;
    }, 45_000);
    const ledger = await runSql(consumerUrl, 'select number from ledger order by number');
    const numbers = ledger.map(({ number }) => number);
    expect(new Set(numbers).size).toBe(numbers.length);
    expect(numbers).toEqual(expect.arrayContaining(committed));
    expect(committed.length).toBeGreaterThan(390);
  }, 90_000);

  test('wait for a Redis that is away without being put off, so that they are there as soon as it is', async () => {
    const publisher = openPool(publisherUrl);
    const bus = openBus();
    const arrived = Promise.withResolvers<DomainEvent>();
    const handle = async (event: DomainEvent): Promise<void> => arrived.resolve(event);
    openBus().subscribe({ consumer: 'ledger', types: ['number.drawn'], handle });
    await eventually(() => bus.isAway?.() === false);
    await redis.kill9();
    await eventually(() => bus.isAway?.() === true);
    startOutboxRelay({ connectionString: publisherUrl, bus, logger, lifecycle: leftovers });
    const event = createDomainEvent({ type: 'number.drawn', payload: { number: 1 } });

    await transaction(publisher, (query) => appendToOutbox(query, [event]));
    await pause(500);
    const waiting = await runSql(publisherUrl, 'select attempts from outbox');
    await redis.restart();

    expect(waiting).toEqual([{ attempts: 0 }]);
    expect(await arrived.promise).toEqual(event);
  }, 60_000);

  test('come again to a database that was restored to an earlier time, once its group is set back', async () => {
    const publisher = openPool(publisherUrl);
    const consumer = openPool(consumerUrl);
    startOutboxRelay({ connectionString: publisherUrl, bus: openBus(), logger, lifecycle: leftovers });
    openBus().subscribe({
      consumer: 'ledger',
      types: ['number.drawn'],
      handle: (event: DomainEvent) =>
        transaction(consumer, async (query) => {
          if (!(await consumeOnce(query, 'ledger', event.id))) return;
          await query('insert into ledger (number) values ($1)', [event.payload['number']]);
        }),
    });
    const numbers = async () =>
      (await runSql(consumerUrl, 'select number from ledger order by number')).map(({ number }) => number);
    const draw = async (number: number) => {
      const event = createDomainEvent({ type: 'number.drawn', payload: { number } });
      await transaction(publisher, (query) => appendToOutbox(query, [event]));
      await eventually(async () => (await numbers()).includes(number));
    };
    await draw(1);
    const [{ now: backupAtMs } = { now: 0 }] = await runSql(
      consumerUrl,
      'select (extract(epoch from clock_timestamp()) * 1000)::bigint::text as now',
    );
    await draw(2);
    await draw(3);

    await runSql(
      consumerUrl,
      'delete from ledger where number > 1',
      `delete from consumed_event where consumed_at > to_timestamp(${Number(backupAtMs) / 1_000})`,
    );
    const client = new Redis(redis.url);
    leftovers.defer('redis client', () => client.disconnect());
    await client.xgroup('SETID', 'tessera:events', 'ledger', `${Number(backupAtMs) - 60_000}-0`);

    await eventually(async () => (await numbers()).length === 3, 20_000);
    expect(await numbers()).toEqual([1, 2, 3]);
  }, 60_000);
});
