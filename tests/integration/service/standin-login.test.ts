import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { withClient, withDatabase } from '@tessera/service/database';
import { tenantSubgraph } from '@tessera/tenant/subgraph';
import { servicePassword, startSubgraphHarness, type SubgraphHarness } from '../../support/subgraph-harness.js';
import { anOrganisation, invitationSecret } from '../tenant/organisation.js';

let harness: SubgraphHarness;

beforeAll(async () => {
  harness = await startSubgraphHarness(tenantSubgraph, {
    environment: { INVITATION_SECRET: invitationSecret, MAIL_URL: 'console:' },
  });
}, 60_000);

afterAll(() => harness.stop());

const standinPassword = 'the-password-of-who-stands-in';

/** The statements that operators are told to use. */
async function documentedSql(): Promise<string> {
  const [, sql = ''] = /```sql\n([^`]*)```/.exec(await readFile('infra/secrets.md', 'utf8')) ?? [];
  return sql.replaceAll('tessera_auth', 'tessera_tenant').replace('NEW_PASSWORD', standinPassword);
}

function urlOf(username: string, password: string): string {
  return Object.assign(new URL(harness.databaseUrl), { username, password }).href;
}

const administer = (sql: string) =>
  withClient(withDatabase(harness.adminUrl, 'tessera_tenant'), (client) => client.query(sql));

test('the password of a role is replaced while a stand-in serves, with the rights of the role and no others', async () => {
  await administer(await documentedSql());
  const standin = await harness.startAnother({ DATABASE_URL: urlOf('tessera_tenant_standin', standinPassword) });
  await administer(`alter role tessera_tenant password 'the-next-password-of-the-role'`);

  const { admin, slug } = await anOrganisation(standin);
  expect((await standin.request(admin, '{ tenant { slug } }')).data).toEqual({ tenant: { slug } });
  await withClient(urlOf('tessera_tenant_standin', standinPassword), async (client) => {
    const { rows } = await client.query(
      `select current_user::text as "actsAs", current_setting('statement_timeout') as timeout, (select count(*)::int from tenant) as seen`,
    );
    expect(rows).toEqual([{ actsAs: 'tessera_tenant', timeout: '15s', seen: 0 }]);
  });
  await expect(
    withClient(urlOf('tessera_tenant', servicePassword), (client) => client.query('select 1')),
  ).rejects.toMatchObject({ code: '28P01' });

  const back = await harness.startAnother({ DATABASE_URL: urlOf('tessera_tenant', 'the-next-password-of-the-role') });
  await administer('drop owned by tessera_tenant_standin; drop role tessera_tenant_standin');
  expect((await back.request(admin, '{ tenant { slug } }')).data).toEqual({ tenant: { slug } });
});
