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
import { DataScope, tenantOwned } from '@tessera/service/tenancy';
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

  test('shows each tenant its own rows by statements that connections keep, though it knows of none', async () => {
    const bouncer = await startPgBouncer(databaseUrl, { poolSize: 2 });
    try {
      await expectKeptRows(bouncer.url);
    } finally {
      await bouncer.stop();
    }
  }, 120_000);
});

test('a statement that connections keep shows each tenant its own rows, and refuses what it may not write', async () => {
  await expectKeptRows(databaseUrl);
}, 120_000);

/** One statement for many tenants at once: each writes rows, and sees as many as it has written. */
async function expectKeptRows(url: string): Promise<void> {
  const { entities, migrations } = subgraphs.storage;
  const orm = openDatabase({ entities, migrations, url, poolMax: 8, logger });
  const add = 'insert into note (id, tenant_id) values ($1, $2) returning id';
  const work = async (tenantId: string): Promise<void> => {
    const run = async (sql: string, parameters: readonly unknown[]): Promise<readonly string[]> => {
      const scope = new DataScope(orm, { kind: 'user', tenantId, userId: newId(), roles: [], scopes: [] });
      return (await scope.runAlone<{ readonly id: string }>(sql, parameters)).map(({ id }) => id);
    };
    const written: string[] = [];
    for (let round = 0; round < 8; round += 1) {
      written.push(...(await run(add, [newId(), tenantId])));
      expect((await run('select id from note where $1::boolean', [true])).toSorted()).toEqual(written.toSorted());
      await expect(run(add, [newId(), newId()])).rejects.toThrow(/row-level security/);
    }
  };
  try {
    await Promise.all(Array.from({ length: 25 }, () => work(newId())));
  } finally {
    await orm.close();
  }
}
