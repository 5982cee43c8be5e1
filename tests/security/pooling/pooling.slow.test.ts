import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { subgraphs } from '@tessera/local/subgraphs';
import {
  databaseNames,
  migrateDatabase,
  newId,
  openDatabase,
  provisionDatabase,
  serviceUrl,
  withClient,
  withDatabase,
} from '@tessera/service/database';
import { tenantOwned } from '@tessera/service/tenancy';
import { describeWithProgram } from '../../support/installed.js';
import { quietLogger } from '../../support/leftovers.js';
import { startPgBouncer } from '../../support/pgbouncer.js';
import { startPostgresServer, type PostgresServer } from '../../support/postgres-server.js';
import { disturbances, interleave, type Tally } from './interleave.js';

const password = 'service-password';
const logger = quietLogger();
const tenantCount = 1_000;
let postgres: PostgresServer;
let databaseUrl: string;

beforeAll(async () => {
  postgres = await startPostgresServer();
  const { adminUrl } = postgres;
  await provisionDatabase(adminUrl, 'storage', password);
  await migrateDatabase({ ...subgraphs.storage, subgraph: 'storage', adminUrl, logger });
  const { database, serviceRole } = databaseNames('storage');
  await withClient(withDatabase(adminUrl, database), async (client) => {
    await client.query('create table note (id uuid primary key, tenant_id uuid not null)');
    for (const statement of tenantOwned('note')) await client.query(statement);
    await client.query(`grant select, insert on note to ${serviceRole}`);
  });
  databaseUrl = serviceUrl(adminUrl, 'storage', password);
}, 60_000);

afterAll(() => postgres.stop());

/** Every tenant writes, reads, and is disturbed, while all others do. */
async function runThrough(url: string, poolMax: number): Promise<Tally> {
  const { entities, migrations } = subgraphs.storage;
  const orm = openDatabase({ entities, migrations, url, poolMax, logger });
  try {
    return await interleave(orm, Array.from({ length: tenantCount }, newId));
  } finally {
    await orm.close();
  }
}

function expectNoLeak(tally: Tally): void {
  expect(tally.foreignRows).toBe(0);
  expect(tally.rowsWithoutTenant).toBe(0);
  expect(tally.faults).toEqual([]);
  expect(tally.ownReads).toBe(tenantCount);
  expect(Object.values(tally.disturbed)).toEqual(disturbances.map(() => tenantCount / disturbances.length));
}

describe('two connections that 1,000 tenants share', () => {
  test('show each its own rows, whatever broke off before', async () => {
    expectNoLeak(await runThrough(databaseUrl, 2));
  }, 300_000);
});

describeWithProgram('pgbouncer', 'pgbouncer in transaction mode', () => {
  test('shows 1,000 tenants over two connections their own rows, whatever broke off before', async () => {
    const bouncer = await startPgBouncer(databaseUrl, { poolSize: 2 });
    try {
      expectNoLeak(await runThrough(bouncer.url, 20));
    } finally {
      await bouncer.stop();
    }
  }, 300_000);
});
