import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { withClient, withDatabase } from '@tessera/service/database';
import { tenantSubgraph } from '@tessera/tenant/subgraph';
import { queryAs } from '../../support/sql-session.js';
import { answerAlike } from '../../support/same-work.js';
import { aUser, startSubgraphHarness, type SubgraphHarness } from '../../support/subgraph-harness.js';

let harness: SubgraphHarness;
let tenantA: { id: string; adminId: string };
let tenantB: { id: string; adminId: string };

beforeAll(async () => {
  harness = await startSubgraphHarness(tenantSubgraph, {
    environment: { INVITATION_SECRET: 'a-secret-for-invitations-in-tests-only', MAIL_URL: 'console:' },
  });
  tenantA = await createTenant('tenant-a');
  tenantB = await createTenant('tenant-b');
}, 60_000);

afterAll(() => harness.stop());

async function createTenant(slug: string): Promise<{ id: string; adminId: string }> {
  const admin = aUser();
  const created = await harness.request(
    admin,
    'mutation ($slug: String!) { createTenant(input: { name: "T", slug: $slug }) { id } }',
    { slug },
  );
  const { id } = created.data.createTenant;
  const active = aUser({ userId: admin.userId, tenantId: id, role: 'TENANT_ADMIN' });
  await harness.request(active, 'mutation { inviteMember(input: { email: "x@example.com" }) { id } }');
  return { id, adminId: admin.userId };
}

const adminOfB = () => aUser({ userId: tenantB.adminId, tenantId: tenantB.id, role: 'TENANT_ADMIN' });

describe('tenant isolation', () => {
  test("another tenant's id is not found, exactly like an id that does not exist", async () => {
    const query = 'query ($id: ID!) { tenant(id: $id) { id name members { totalCount } } }';

    const foreign = await harness.request(adminOfB(), query, { id: tenantA.id });
    const absent = await harness.request(adminOfB(), query, { id: randomUUID() });

    expect(foreign.data).toEqual({ tenant: null });
    expect(foreign.errors?.[0]?.extensions.code).toBe('NOT_FOUND');
    expect(foreign).toEqual(absent);
  });

  test.each([
    'query ($id: ID!) { tenant(id: $id) { id name members { totalCount } } }',
    'query ($id: ID!) { _entities(representations: [{ __typename: "Tenant", id: $id }]) { ... on Tenant { id name } } }',
    'mutation ($id: ID!) { joinTenant(tenantId: $id) { role } }',
    'query ($id: ID!) { erasure(id: $id) { id } }',
  ])('another tenant’s id costs what one costs that is nobody’s: %s', async (query) => {
    const { data } = await answerAlike(harness, adminOfB(), query, tenantA.id);

    expect(
      Object.values(data ?? {})
        .flat()
        .filter((value) => value !== null),
    ).toEqual([]);
  });

  test.each([
    'mutation ($id: ID!) { removeMember(userId: $id) }',
    'mutation ($id: ID!) { deactivateMember(userId: $id) { role } }',
    'mutation ($id: ID!) { changeMemberRole(input: { userId: $id, role: "USER" }) { role } }',
    'mutation ($id: ID!) { transferOwnership(userId: $id) { role } }',
    'query ($id: ID!) { _entities(representations: [{ __typename: "User", id: $id }]) { ... on User { memberships { role } } } }',
  ])('somebody of another tenant costs what nobody costs: %s', async (query) => {
    const { data } = await answerAlike(harness, adminOfB(), query, tenantA.adminId);

    expect(JSON.stringify(data ?? null)).not.toContain('role":"');
  });

  test('a forged reference answers nothing of another tenant', async () => {
    const answer = await harness.request(
      adminOfB(),
      `query ($representations: [_Any!]!) { _entities(representations: $representations) {
         ... on Tenant { id name } ... on User { id memberships { role tenant { id } } } } }`,
      {
        representations: [
          { __typename: 'Tenant', id: tenantA.id },
          { __typename: 'User', id: tenantA.adminId },
          { __typename: 'Tenant', id: "' or true --" },
        ],
      },
    );

    expect(answer.errors).toBeUndefined();
    expect(answer.data._entities).toEqual([null, { id: tenantA.adminId, memberships: [] }, null]);
  });

  test("an administrator cannot touch another tenant's members or invitations", async () => {
    const removal = await harness.request(adminOfB(), 'mutation ($id: ID!) { removeMember(userId: $id) }', {
      id: tenantA.adminId,
    });
    const role = await harness.request(
      adminOfB(),
      'mutation ($id: ID!) { changeMemberRole(input: { userId: $id, role: "USER" }) { role } }',
      { id: tenantA.adminId },
    );

    expect(removal.errors?.[0]?.extensions.code).toBe('NOT_FOUND');
    expect(role.errors?.[0]?.extensions.code).toBe('NOT_FOUND');
  });

  test.each(['tenant', 'membership', 'invitation'])(
    "the service's own role sees nothing in %s without a tenant, and only B's rows as B",
    async (table) => {
      const column = table === 'tenant' ? 'id' : 'tenant_id';
      const select = `select ${column} as tenant_id from ${table}`;

      expect(await queryAs(harness.databaseUrl, {}, select)).toEqual([]);
      expect(await queryAs(harness.databaseUrl, { tenantId: tenantB.id }, select)).toEqual([{ tenant_id: tenantB.id }]);
      expect(
        await queryAs(
          harness.databaseUrl,
          { tenantId: tenantB.id },
          `delete from ${table} where ${column} = $1 returning 1`,
          [tenantA.id],
        ),
      ).toEqual([]);
    },
  );

  test("the service's own role cannot write a row into another tenant", async () => {
    const insert = `insert into membership (id, tenant_id, user_id, role, joined_at) values ($1, $2, $3, 'USER', now())`;

    await expect(
      queryAs(harness.databaseUrl, { tenantId: tenantB.id }, insert, [randomUUID(), tenantA.id, randomUUID()]),
    ).rejects.toThrow('row-level security');
  });

  test('every table with a tenant is behind forced row-level security', async () => {
    const rows = await withClient(withDatabase(harness.adminUrl, 'tessera_tenant'), async (client) => {
      const { rows } = await client.query(`
        select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where n.nspname = 'public' and c.relkind in ('r', 'p') and not (c.relrowsecurity and c.relforcerowsecurity)
          and (c.relname = 'tenant' or exists
            (select 1 from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped))`);
      return rows as unknown[];
    });

    expect(rows).toEqual([]);
  });
});
