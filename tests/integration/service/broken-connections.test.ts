import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  migrateDatabase,
  openDatabase,
  provisionDatabase,
  serviceUrl,
  sqlOf,
  withClient,
} from '@tessera/service/database';
import { servicePrincipal } from '@tessera/service/identity';
import { createLogger } from '@tessera/service/logging';
import { DataScope } from '@tessera/service/tenancy';
import { tenantSubgraph } from '@tessera/tenant/subgraph';
import { startPostgresServer, type PostgresServer } from '../../support/postgres-server.js';

const poolMax = 2;
const logger = createLogger({ service: 'test', level: 'silent' });

let server: PostgresServer;
let orm: ReturnType<typeof openDatabase>;

beforeAll(async () => {
  server = await startPostgresServer();
  await provisionDatabase(server.adminUrl, 'tenant', 'service-password');
  await migrateDatabase({ ...tenantSubgraph, subgraph: 'tenant', adminUrl: server.adminUrl, logger });
  const { entities, migrations } = tenantSubgraph;
  orm = openDatabase({
    entities,
    migrations,
    url: serviceUrl(server.adminUrl, 'tenant', 'service-password'),
    poolMax,
    logger,
  });
}, 60_000);

afterAll(async () => {
  await orm.close();
  await server.stop();
});

const endOwnConnection = 'select pg_terminate_backend(pg_backend_pid())';
const openScope = () => new DataScope(orm, servicePrincipal());

test('a connection of one’s own that breaks while it waits fails what is asked of it next, and nothing else', async () => {
  const asked = withClient(server.adminUrl, async (client) => {
    const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
    const broken = new Promise<void>((resolve) => client.once('end', resolve));
    await withClient(server.adminUrl, (other) => other.query('select pg_terminate_backend($1)', [rows[0]?.pid]));
    await broken;
    return client.query('select 1');
  });

  await expect(asked).rejects.toThrow('not queryable');
});

describe('connections that break inside a transaction', () => {
  test('give their places in the pool back', async () => {
    for (let broken = 0; broken <= poolMax; broken += 1) {
      const writing = openScope().write((entityManager) => sqlOf(entityManager)(endOwnConnection));
      await expect(writing).rejects.toThrow('terminating connection');
      const reading = openScope().read((entityManager) => sqlOf(entityManager)(endOwnConnection));
      await expect(reading).rejects.toThrow('terminating connection');
    }

    const rows = await openScope().write((entityManager) => sqlOf(entityManager)('select 1 as one'));
    expect(rows).toEqual([{ one: 1 }]);
  });

  test('do not disturb the connections beside them', async () => {
    const beside = openScope();
    await beside.read((entityManager) => sqlOf(entityManager)('select 1'));

    const writing = openScope().write((entityManager) => sqlOf(entityManager)(endOwnConnection));
    await expect(writing).rejects.toThrow('terminating connection');

    expect(await beside.read((entityManager) => sqlOf(entityManager)('select 2 as two'))).toEqual([{ two: 2 }]);
    beside.close();
  });
});
