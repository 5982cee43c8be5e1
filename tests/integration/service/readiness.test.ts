import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { createSubgraph } from '@tessera/service/subgraph';
import { userSubgraph } from '@tessera/user/subgraph';
import { Redis } from 'ioredis';
import { startRunningGateway } from '../../gateway/support/running-gateway.js';
import { eventually } from '../../support/eventually.js';
import { createLeftovers } from '../../support/leftovers.js';
import { startPostgresStandby } from '../../support/postgres-standby.js';
import { runSql, type PostgresServer } from '../../support/postgres-server.js';
import { describeWithRedis, startRedisServer, type RedisServer } from '../../support/redis-server.js';
import { startRelay } from '../../support/relay.js';
import {
  principalSecret,
  startPreparedPostgres,
  startSubgraphHarness,
  type SubgraphHarness,
} from '../../support/subgraph-harness.js';
import { aPerson } from '../user/people.js';

const leftovers = createLeftovers();
afterEach(() => leftovers.close());

let postgres: PostgresServer;
let harness: SubgraphHarness;
beforeAll(async () => {
  postgres = await startPreparedPostgres(userSubgraph);
  harness = await startSubgraphHarness(userSubgraph, { postgres });
}, 60_000);
afterAll(async () => {
  await harness.stop();
  await postgres.stop();
});

interface Ready {
  readonly status: string;
  readonly checks: Readonly<Record<string, string>>;
}

async function readiness(origin: string): Promise<Ready & { readonly httpStatus: number }> {
  const response = await fetch(`${origin}/ready`);
  return { httpStatus: response.status, ...((await response.json()) as Ready) };
}

const rename = 'mutation { updateProfile(input: { displayName: "Ada" }) { id } }';
const entity = `query ($id: ID!) {
  _entities(representations: [{ __typename: "User", id: $id }]) { ... on User { displayName } } }`;

describe('a database that takes no changes', () => {
  const setReadOnly = async (isReadOnly: boolean): Promise<void> => {
    const value = isReadOnly ? 'on' : 'off';
    await runSql(harness.adminUrl, `alter role tessera_user set default_transaction_read_only = ${value}`);
    await runSql(
      harness.adminUrl,
      "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'tessera_user'",
    );
  };

  test('leaves a service ready for what can be read, and degraded; a change may be sent again', async () => {
    const caller = await aPerson(harness);
    await setReadOnly(true);
    try {
      await eventually(async () => (await readiness(harness.url)).checks['database writes'] === 'down');
      const ready = await readiness(harness.url);
      const read = await harness.request(caller, entity, { id: caller.userId });
      const changed = await harness.request(caller, rename);

      expect(ready).toMatchObject({ httpStatus: 200, status: 'degraded', checks: { database: 'up' } });
      expect(read.data._entities).toEqual([{ displayName: 'Ada Lovelace' }]);
      expect(changed.errors?.[0]?.extensions).toMatchObject({ code: 'OVERLOADED', retryAfterSeconds: 1 });
    } finally {
      await setReadOnly(false);
    }
    await eventually(async () => (await readiness(harness.url)).status === 'ready');
  }, 30_000);

  test('is left for the new primary as soon as its address leads there', async () => {
    const standby = await startPostgresStandby(postgres);
    leftovers.defer('standby', () => standby.stop());
    const relay = await startRelay(postgres.port);
    leftovers.defer('relay', () => relay.close());
    const url = new URL(harness.databaseUrl);
    url.port = String(relay.port);
    const { request } = await harness.startAnother({ DATABASE_URL: url.href, DATABASE_POOL_MAX: '2' });
    const caller = await aPerson(harness);
    const codeOfChange = async () => (await request(caller, rename)).errors?.[0]?.extensions.code;

    relay.leadTo(standby.port);
    relay.cut();
    await eventually(async () => (await codeOfChange()) === 'OVERLOADED');
    // Connections to the standby stay; only new ones lead to the primary.
    relay.leadTo(postgres.port);

    await eventually(async () => (await codeOfChange()) === undefined);
  }, 60_000);
});

describeWithRedis('a Redis that answers a ping and takes nothing', () => {
  let redis: RedisServer;
  let admin: Redis;
  beforeAll(async () => {
    redis = await startRedisServer();
    admin = new Redis(redis.url);
  });
  afterAll(async () => {
    admin.disconnect();
    await redis.stop();
  });

  async function startService(): Promise<string> {
    const created = await createSubgraph(userSubgraph, {
      environment: {
        HOST: '127.0.0.1',
        PORT: '0',
        DATABASE_URL: harness.databaseUrl,
        PRINCIPAL_SECRET: principalSecret,
        REDIS_URL: redis.url,
        LOG_LEVEL: 'silent',
        DRAIN_DELAY_MS: '0',
      },
    });
    leftovers.defer('service', () => created.stop());
    return `http://127.0.0.1:${await created.start()}`;
  }

  async function startGateway(): Promise<string> {
    const running = await startRunningGateway({ environment: { REDIS_URL: redis.url } });
    leftovers.defer('gateway', () => running.close());
    return running.origin;
  }

  test.each([
    ['a service', 'full', startService, ['config', 'set', 'maxmemory', '1'], ['config', 'set', 'maxmemory', '0']],
    ['a service', 'a replica', startService, ['replicaof', '127.0.0.1', '1'], ['replicaof', 'no', 'one']],
    ['a gateway', 'full', startGateway, ['config', 'set', 'maxmemory', '1'], ['config', 'set', 'maxmemory', '0']],
    ['a gateway', 'a replica', startGateway, ['replicaof', '127.0.0.1', '1'], ['replicaof', 'no', 'one']],
  ])(
    'degrades %s where it is %s, which stays ready',
    async (_who, _what, start, [spoil = '', ...how], [mend = '', ...back]) => {
      const origin = await start();
      await eventually(async () => (await readiness(origin)).status === 'ready');

      await admin.call(spoil, ...how);
      await eventually(async () => (await readiness(origin)).checks['redis'] === 'down');
      const ready = await readiness(origin);
      await admin.call(mend, ...back);

      expect(ready).toMatchObject({ httpStatus: 200, status: 'degraded' });
      await eventually(async () => (await readiness(origin)).status === 'ready');
    },
    60_000,
  );

  test('and one that is gone degrades a gateway, too', async () => {
    const origin = await startGateway();
    await eventually(async () => (await readiness(origin)).status === 'ready');

    await redis.kill9();
    await eventually(async () => (await readiness(origin)).checks['redis'] === 'down');

    expect(await readiness(origin)).toMatchObject({ httpStatus: 200, status: 'degraded' });
    await redis.restart();
    await eventually(async () => (await readiness(origin)).status === 'ready');
  }, 60_000);
});
