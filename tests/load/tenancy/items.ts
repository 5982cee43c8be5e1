import { databaseNames, newId } from '@tessera/service/database';
import { tenantOwned } from '@tessera/service/tenancy';
import { Client } from 'pg';

/** What one request reads: a list, a count, one thing. */
export const reads: readonly string[] = [
  'select id, value from item where tenant_id = $1 order by id limit 20',
  'select count(*) from (select 1 from item where tenant_id = $1 limit 100) as counted',
  'select id, value from item where tenant_id = $1 order by id desc limit 1',
];

/**
 * Makes the table anew, its rows spread over so many tenants, each a row in turn: what is a tenant's lies all over the table, as
 * where many work at a time. Ten million rows take a minute: one statement, and the index after them.
 *
 * @returns the tenants, and what the table and its index take of the disk, in bytes
 */
export async function fillItems(
  ownerUrl: string,
  rows: number,
  tenants: number,
): Promise<{ readonly tenantIds: readonly string[]; readonly bytes: number }> {
  const tenantIds = Array.from({ length: tenants }, newId);
  const client = new Client({ connectionString: ownerUrl });
  await client.connect();
  try {
    await client.query('drop table if exists item');
    await client.query('create table item (tenant_id uuid not null, id int not null, value text not null)');
    const insert = `insert into item select ($1::uuid[])[1 + number % $2], number, 'value ' || number
                    from generate_series(1, $3::int) as number`;
    await client.query(insert, [tenantIds, tenants, rows]);
    await client.query(`set maintenance_work_mem = '512MB'`);
    await client.query('create unique index on item (tenant_id, id)');
    for (const statement of tenantOwned('item')) await client.query(statement);
    await client.query(`grant select on item to ${databaseNames('storage').serviceRole}`);
    await client.query('vacuum (freeze, analyze) item');
    // What was loaded is written out now, and not while something is measured.
    await client.query('checkpoint');
    const size = await client.query<{ bytes: string }>(`select pg_total_relation_size('item') as bytes`);
    return { tenantIds, bytes: Number(size.rows[0]?.bytes) };
  } finally {
    await client.end();
  }
}
