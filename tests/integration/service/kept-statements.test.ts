import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { MikroORM } from '@mikro-orm/postgresql';
import { newId, sqlOf } from '@tessera/service/database';
import { DataScope } from '@tessera/service/tenancy';
import { eventually } from '../../support/eventually.js';
import { openEmptyDatabase, type EmptyDatabase } from '../../support/empty-database.js';
import { runSql } from '../../support/postgres-server.js';
import { aUser } from '../../support/subgraph-harness.js';

let database: EmptyDatabase;
let orm: MikroORM;
let ownerUrl: string;

beforeAll(async () => {
  database = await openEmptyDatabase(1);
  ({ orm, ownerUrl } = database);
  await runSql(ownerUrl, 'create table changing (id int)', `grant select on changing to ${database.serviceRole}`);
}, 60_000);

afterAll(() => database.close());

const read = (tenantId: string, sql: string, values: readonly unknown[] = []) =>
  new DataScope(orm, aUser({ tenantId })).read((entityManager) => sqlOf(entityManager)(sql, values));

const seenSql = `select current_setting('app.tenant_id') as tenant, current_setting('transaction_read_only') as read_only,
  (select count(*)::int from pg_prepared_statements) as kept`;

test('a connection keeps what sets the tenant parsed, and what it sees again, and each read has its own tenant', async () => {
  for (const kept of [1, 2, 2, 2]) {
    const tenant = newId();
    expect(await read(tenant, seenSql)).toEqual([{ tenant, read_only: 'on', kept }]);
  }
});

test('statements that fail, one that is no SQL among them, hinder none after them', async () => {
  for (let round = 0; round < 4; round += 1) {
    const tenant = newId();
    await expect(read(newId(), 'select 1 / 0')).rejects.toThrow('division by zero');
    await expect(read(newId(), 'not SQL')).rejects.toThrow('syntax error');
    expect(await read(tenant, seenSql)).toMatchObject([{ tenant, read_only: 'on' }]);
  }
  // What sets the tenant, this one and the division: the connection keeps statements all the same.
  expect(await read(newId(), seenSql)).toMatchObject([{ kept: 3 }]);
});

test('a statement whose columns a migration has changed is read anew', async () => {
  const tenant = newId();
  for (let round = 0; round < 3; round += 1) expect(await read(tenant, 'select * from changing')).toEqual([]);
  await runSql(ownerUrl, 'alter table changing add column more int default 1', 'insert into changing values (1)');

  expect(await read(tenant, 'select * from changing')).toEqual([{ id: 1, more: 1 }]);
});

test('a statement that is kept is planned once for all, and for its values after it took long', async () => {
  const tenant = newId();
  const run = (seconds: number) => read(tenant, 'select $1::text as given, pg_sleep($2)', [newId(), seconds]);
  const plansSql = `select generic_plans::int as shared, custom_plans::int as own from pg_prepared_statements
    where statement like '%pg_sleep%' and statement not like '%pg_prepared_statements%'`;
  const count = async (what: 'shared' | 'own') => Number((await read(tenant, plansSql))[0]?.[what]);

  await eventually(async () => {
    await run(0);
    return (await count('shared')) > 1;
  });
  await eventually(async () => {
    const before = await count('own');
    await run(0.3);
    await run(0);
    return (await count('own')) > before;
  });
}, 60_000);

test('a connection keeps no more statements than it may', async () => {
  for (let number = 0; number < 100; number += 1) {
    for (let round = 0; round < 2; round += 1) {
      expect(await read(newId(), `select ${number} as number`)).toEqual([{ number }]);
    }
  }

  const [{ kept } = { kept: 0 }] = await read(newId(), seenSql);
  expect(kept).toBeLessThanOrEqual(64);
});

test('a connection that loses what was kept, as behind a pooler, is served without it', async () => {
  const tenant = newId();
  await read(tenant, 'select 1');
  await read(tenant, 'deallocate all');

  for (let round = 0; round < 2; round += 1) {
    expect(await read(tenant, seenSql)).toEqual([{ tenant, read_only: 'on', kept: 0 }]);
  }
});
