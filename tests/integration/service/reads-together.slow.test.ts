import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { MikroORM } from '@mikro-orm/postgresql';
import { newId, sqlOf, withClient, type EntityManager } from '@tessera/service/database';
import { DataScope } from '@tessera/service/tenancy';
import { eventually } from '../../support/eventually.js';
import { openEmptyDatabase, type EmptyDatabase } from '../../support/empty-database.js';
import { runSql } from '../../support/postgres-server.js';
import { aUser } from '../../support/subgraph-harness.js';

const poolMax = 3;
let database: EmptyDatabase;
let orm: MikroORM;
let ownerUrl: string;

beforeAll(async () => {
  database = await openEmptyDatabase(poolMax);
  ({ orm, ownerUrl } = database);
  // For the connections that are opened from now on: none is yet.
  await runSql(ownerUrl, `alter role ${database.serviceRole} set statement_timeout = '1s'`);
}, 60_000);

afterAll(() => database.close());

/** Where a read is answered: one that shares its transaction with others began when they did. */
const seen = `current_setting('app.tenant_id', true) as tenant, pg_backend_pid() as pid, now()::text as begun`;
const [first, last] = [`select 1 as first, ${seen}`, `select 3 as last, ${seen}`];

interface Seen {
  readonly tenant: string;
  readonly pid: number;
  readonly begun: string;
}

type Asked = readonly [sql: string, values?: readonly unknown[]];
type Read = PromiseSettledResult<Seen[]>;

/** Asks for all at once, as the fields of one request do. */
function readAll(tenantId: string, asked: readonly Asked[]): Promise<Read[]> {
  const scope = new DataScope(orm, aUser({ tenantId }));
  const reads = asked.map(([sql, values]) => scope.read((entityManager) => sqlOf(entityManager)<Seen>(sql, values)));
  return Promise.allSettled(reads);
}

const rowOf = (read: Read | undefined): Seen => {
  if (read?.status !== 'fulfilled') throw new Error('A read failed', { cause: read?.reason });
  const [row] = read.value;
  if (row === undefined) throw new Error('A read has no row');
  return row;
};

/** Repeats reads until they are known to be quick, and go together. */
async function goTogether(...asked: readonly Asked[]): Promise<void> {
  await eventually(async () => {
    const rows = (await readAll(newId(), [...asked, [first], [last]])).map(rowOf);
    return new Set(rows.map(({ pid, begun }) => `${pid} ${begun}`)).size === 1;
  });
}

/** Nothing of a tenant may be on a connection that nobody uses. */
async function expectNoTenantLeft(): Promise<void> {
  const statements = Array.from({ length: poolMax }, () =>
    sqlOf(orm.em.fork() as EntityManager)<Seen>(`select pg_sleep(0.05), ${seen}`),
  );
  for (const [row] of await Promise.all(statements)) expect(row?.tenant ?? '').toBe('');
}

describe('reads that are asked for at once', () => {
  test('share one transaction and its tenant where they are quick, and those of another request have theirs', async () => {
    await goTogether();

    const tenants = Array.from({ length: 12 }, newId);
    const requests = await Promise.all(tenants.map((tenantId) => readAll(tenantId, [[first], [last]])));

    for (const [index, reads] of requests.entries()) {
      expect(reads.map((read) => rowOf(read).tenant)).toEqual([tenants[index], tenants[index]]);
    }
    await expectNoTenantLeft();
  });

  test('do not wait for one that is known to be slow', async () => {
    const slow = `select pg_sleep($1::float), pg_advisory_xact_lock_shared(1), ${seen}`;
    await readAll(newId(), [[slow, [0.1]]]);

    const scope = new DataScope(orm, aUser({ tenantId: newId() }));
    const read = (sql: string, values: readonly unknown[]) =>
      scope.read((entityManager) => sqlOf(entityManager)<Seen>(sql, values));
    const [slowRow, quickRow] = await withClient(ownerUrl, async (client) => {
      await client.query('select pg_advisory_lock(1)');
      const waiting = read(slow, [0]);
      const quick = await read(first, []);
      await client.query('select pg_advisory_unlock(1)');
      return [(await waiting)[0], quick[0]];
    });

    expect(slowRow?.tenant).toBe(quickRow?.tenant);
  });

  test.each<[name: string, sql: string, harmless: unknown, harmful: unknown, says: RegExp]>([
    ['an error', `select 1 / $1::int, ${seen}`, 1, 0, /division by zero/],
    ['a timeout', `select pg_sleep($1::float), ${seen}`, 0, 60, /statement timeout/],
    [
      'a cancel',
      `select case when $1 then pg_cancel_backend(pg_backend_pid()) end, ${seen}`,
      false,
      true,
      /user request/,
    ],
    [
      'a lost connection',
      `select case when $1 then pg_terminate_backend(pg_backend_pid()) end, ${seen}`,
      false,
      true,
      /terminat/,
    ],
    ['a value that cannot be sent', `select $1::text, ${seen}`, 'a', circular(), /circular/],
  ])('are answered around %s, which its own caller hears of', async (_name, sql, harmless, harmful, says) => {
    const tenantId = newId();
    for (let round = 0; round < 2; round += 1) {
      await goTogether([sql, [harmless]]);

      const [before, failed, ...after] = await readAll(tenantId, [[first], [sql, [harmful]], [last], [first]]);

      expect([before, ...after].map((read) => rowOf(read).tenant)).toEqual([tenantId, tenantId, tenantId]);
      expect(failed).toMatchObject({ status: 'rejected', reason: { message: expect.stringMatching(says) } });
      await expectNoTenantLeft();
    }
  });

  test('write nothing', async () => {
    await goTogether();

    const [, failed, read] = await readAll(newId(), [[first], ['create table written (id int)'], [last]]);

    expect(failed).toMatchObject({ status: 'rejected', reason: { message: expect.stringMatching(/read-only/) } });
    expect(read?.status).toBe('fulfilled');
  });
});

function circular(): object {
  const value: Record<string, unknown> = {};
  value['self'] = value;
  return value;
}
