import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { withDatabase } from '@tessera/service/database';
import { runSql } from '../../support/postgres-server.js';
import { aUser } from '../../support/subgraph-harness.js';
import { startStorage, type StorageHarness } from './storage-harness.js';

const fileCount = 50_000;

let harness: StorageHarness;
const caller = aUser({ tenantId: randomUUID() });

beforeAll(async () => {
  harness = await startStorage();
  const columns =
    'id, tenant_id, owner_id, name, bucket, content_type, size_bytes, sha256, status, created_at, upload_expires_at';
  // One in a thousand is a report.
  const name = `case i % 1000 when 0 then 'report ' || i else md5(i::text) end`;
  const bucket = `case i % 1000 when 0 then 'letters' else 'files' end`;
  const filesOf = (tenant: string, count: number) =>
    `insert into file (${columns}) select uuidv7(), ${tenant}, gen_random_uuid(), ${name}, ${bucket}, 'text/plain', 1,
       repeat('0', 64), 'READY', now(), now()
     from generate_series(1, ${count}) as i`;
  const asSuperuser = withDatabase(harness.adminUrl, 'tessera_storage');
  const ofCaller = filesOf(`'${caller.tenantId}'`, fileCount);
  await runSql(asSuperuser, ofCaller, filesOf(`md5((i % 300)::text)::uuid`, fileCount), 'vacuum analyze file');
}, 120_000);

afterAll(() => harness.stop());

/** How PostgreSQL does what the service last asked of files, for the service's own role in the caller's tenant. */
async function plansOf(values: readonly (string | number)[]): Promise<readonly string[]> {
  const asked = harness.queries.filter((sql) => sql.includes('from "file"'));
  const plans = asked.map(async (sql) => {
    const given = [...values];
    const statement = sql.replaceAll('?', () => `'${String(given.shift())}'`);
    const lines = await runSql(harness.databaseUrl, `set app.tenant_id = '${caller.tenantId}'`, `explain ${statement}`);
    return lines.map((line) => line['QUERY PLAN']).join('\n');
  });
  return Promise.all(plans);
}

describe('of fifty thousand files of a tenant', () => {
  test.each([
    ['report', 'reporu', fileCount / 1_000, `report ${fileCount}`],
    ['report 7000', 'report 7001', 1, 'report 7000'],
  ])(
    'those whose names begin with %j are found, and counted, by the index of names',
    async (prefix, end, count, first) => {
      harness.forgetQueries();

      const query = 'query ($prefix: String!) { files(prefix: $prefix, first: 10) { totalCount nodes { name } } }';
      const answer = await harness.request(caller, query, { prefix });
      const plans = await plansOf([caller.tenantId ?? '', prefix, end, 11]);

      expect(answer.data.files.totalCount).toBe(count);
      expect(answer.data.files.nodes[0]).toEqual({ name: first });
      expect(plans).toHaveLength(2);
      for (const plan of plans) {
        expect(plan).toMatch(/(Bitmap Index|Index|Index Only) Scan (on|using) file_name/);
        expect(plan).toMatch(/Index Cond: .*tenant_id = .*name ~>=~ 'report.*name ~<~ 'repor/);
      }
    },
  );

  test('those of a bucket are found, and counted, by the index of buckets', async () => {
    harness.forgetQueries();

    const answer = await harness.request(
      caller,
      '{ files(bucket: "letters", first: 10) { totalCount nodes { name } } }',
    );
    const plans = await plansOf([caller.tenantId ?? '', 'letters', 11]);

    expect(answer.data.files.totalCount).toBe(fileCount / 1_000);
    expect(answer.data.files.nodes).toHaveLength(10);
    expect(plans).toHaveLength(2);
    for (const plan of plans) expect(plan).toMatch(/file_bucket.*Index Cond: .*tenant_id = .*bucket = 'letters'/s);
  });
});
