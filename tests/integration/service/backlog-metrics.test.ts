import { afterEach, expect, test } from '@jest/globals';
import { serviceUrl, withDatabase } from '@tessera/service/database';
import { createJobs } from '@tessera/service/jobs';
import { createSubgraph } from '@tessera/service/subgraph';
import { Redis } from 'ioredis';
import { eventually } from '../../support/eventually.js';
import { freePort } from '../../support/free-port.js';
import { greeter } from '../../support/greeter-subgraph.js';
import { createLeftovers, quietLogger } from '../../support/leftovers.js';
import { runSql } from '../../support/postgres-server.js';
import { describeWithRedis, startRedisServer } from '../../support/redis-server.js';
import { principalSecret, servicePassword, startPreparedPostgres } from '../../support/subgraph-harness.js';

const leftovers = createLeftovers();
afterEach(() => leftovers.close());

async function startGreeter() {
  const postgres = await startPreparedPostgres(greeter);
  leftovers.defer('postgres', () => postgres.stop());
  const redis = await startRedisServer();
  leftovers.defer('redis', () => redis.stop());
  const internalPort = await freePort();
  const databaseUrl = serviceUrl(postgres.adminUrl, 'greeter', servicePassword);
  const created = await createSubgraph(greeter, {
    environment: {
      HOST: '127.0.0.1',
      PORT: '0',
      INTERNAL_PORT: String(internalPort),
      DATABASE_URL: databaseUrl,
      REDIS_URL: redis.url,
      PRINCIPAL_SECRET: principalSecret,
      LOG_LEVEL: 'silent',
      DRAIN_DELAY_MS: '0',
    },
  });
  leftovers.defer('greeter', () => created.stop());
  await created.start();
  const scrape = async (): Promise<string> => {
    const response = await fetch(`http://127.0.0.1:${internalPort}/metrics`);
    expect(response.status).toBe(200);
    return response.text();
  };
  /** Of one series; undefined where it is not shown. */
  const valueOf = async (series: string): Promise<number | undefined> => {
    const line = (await scrape()).split('\n').find((text) => text.startsWith(`${series} `));
    return line === undefined ? undefined : Number(line.slice(series.length + 1));
  };
  return {
    postgres,
    redis,
    databaseUrl,
    ownerUrl: withDatabase(postgres.adminUrl, 'tessera_greeter'),
    valueOf,
    /** Waits for a series, which a scrape leaves out where its answer takes too long, to be shown with a value. */
    async shows(series: string, value: number): Promise<void> {
      await eventually(async () => (await valueOf(series)) === value);
    },
  };
}

const greeterOnly = '{service="greeter"}';
const job = (state: string) => `jobs_in_queue{queue="tried",state="${state}",service="greeter"}`;

describeWithRedis('the metrics of a subgraph', () => {
  test('show what waits in the outbox, and for how long', async () => {
    const { ownerUrl, valueOf, shows } = await startGreeter();
    await shows(`outbox_events_waiting${greeterOnly}`, 0);
    await shows(`outbox_oldest_event_age_seconds${greeterOnly}`, 0);

    // Not tried before tomorrow, as after many refusals.
    await runSql(
      ownerUrl,
      `insert into outbox (id, type, event, created_at, next_attempt_at)
       select uuidv7(), 'greeted', '{}', now() - interval '1 hour', now() + interval '1 day' from generate_series(1, 3)`,
    );

    await shows(`outbox_events_waiting${greeterOnly}`, 3);
    await eventually(async () => Number(await valueOf(`outbox_oldest_event_age_seconds${greeterOnly}`)) >= 3_600);
  }, 60_000);

  test('show events that nobody could handle', async () => {
    const { redis, shows } = await startGreeter();
    await shows(`events_dead${greeterOnly}`, 0);

    const admin = new Redis(redis.url);
    leftovers.defer('admin', () => admin.disconnect());
    await admin.xadd('tessera:events:dead', '*', 'event', '{}');

    await shows(`events_dead${greeterOnly}`, 1);
  }, 60_000);

  test('show jobs that wait for a worker, and jobs that were given up', async () => {
    const { databaseUrl, valueOf } = await startGreeter();
    const jobs = createJobs({
      connectionString: databaseUrl,
      logger: quietLogger(),
      lifecycle: leftovers,
      settings: { pollingIntervalSeconds: 0.5, superviseIntervalSeconds: 1 },
    });
    await jobs.start();

    await jobs.send('tried', {});
    await eventually(async () => (await valueOf(job('waiting'))) === 1);
    await jobs.work('tried', () => Promise.reject(new Error('it does not work')), { givesUpOn: () => false });
    await jobs.send('tried', {}, { retryLimit: 0 });

    await eventually(async () => ((await valueOf(job('failed'))) ?? 0) >= 1);
  }, 60_000);

  test('go on without what a server that is down would tell', async () => {
    const { postgres, redis, valueOf } = await startGreeter();
    await redis.kill9();
    await postgres.dropConnections(withDatabase(postgres.adminUrl, 'tessera_greeter'));
    await runSql(postgres.adminUrl, 'alter database tessera_greeter allow_connections false');

    await eventually(async () => (await valueOf(`outbox_events_waiting${greeterOnly}`)) === undefined);

    expect(await valueOf(`events_dead${greeterOnly}`)).toBeUndefined();
    expect(await valueOf(`db_pool_waiting_requests${greeterOnly}`)).toBeDefined();
    await runSql(postgres.adminUrl, 'alter database tessera_greeter allow_connections true');
    await redis.restart();
    await eventually(async () => (await valueOf(`outbox_events_waiting${greeterOnly}`)) === 0);
  }, 60_000);
});
