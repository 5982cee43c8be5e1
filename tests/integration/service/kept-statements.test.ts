import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { MikroORM } from '@mikro-orm/postgresql';
import { subgraphs } from '@tessera/local/subgraphs';
import { newId, openDatabase, provisionDatabase, serviceUrl, sqlOf } from '@tessera/service/database';
import { DataScope } from '@tessera/service/tenancy';
import { createLeftovers, quietLogger } from '../../support/leftovers.js';
import { startPostgresServer } from '../../support/postgres-server.js';
import { aUser } from '../../support/subgraph-harness.js';

const leftovers = createLeftovers();
let orm: MikroORM;

beforeAll(async () => {
  const { adminUrl, stop } = await startPostgresServer();
  leftovers.defer('postgres', stop);
  await provisionDatabase(adminUrl, 'storage', 'service-password');
  const { entities, migrations } = subgraphs.storage;
  const url = serviceUrl(adminUrl, 'storage', 'service-password');
  orm = openDatabase({ entities, migrations, url, poolMax: 1, logger: quietLogger() });
  leftovers.defer('orm', () => orm.close());
}, 60_000);

afterAll(() => leftovers.close());

const read = (tenantId: string, sql: string) =>
  new DataScope(orm, aUser({ tenantId })).read((entityManager) => sqlOf(entityManager)(sql));

const seenSql = `select current_setting('app.tenant_id') as tenant, current_setting('transaction_read_only') as read_only,
  (select count(*)::int from pg_prepared_statements) as kept`;

test('a connection keeps what sets the tenant parsed, also after statements that fail, and each read has its own', async () => {
  for (let round = 0; round < 3; round += 1) {
    const tenant = newId();
    expect(await read(tenant, seenSql)).toEqual([{ tenant, read_only: 'on', kept: 1 }]);
    await expect(read(newId(), 'select 1 / 0')).rejects.toThrow('division by zero');
    await expect(read(newId(), 'not SQL')).rejects.toThrow('syntax error');
  }
});

test('a connection that loses what was kept, as behind a pooler, is served without it', async () => {
  const tenant = newId();
  await read(tenant, 'select 1');
  await read(tenant, 'deallocate all');

  for (let round = 0; round < 2; round += 1) {
    expect(await read(tenant, seenSql)).toEqual([{ tenant, read_only: 'on', kept: 0 }]);
  }
});
