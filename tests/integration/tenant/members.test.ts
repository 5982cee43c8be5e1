import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newId, withClient, withDatabase } from '@tessera/service/database';
import { tenantSubgraph } from '@tessera/tenant/subgraph';
import {
  aUser,
  startSubgraphHarness,
  type GraphqlAnswer,
  type SubgraphHarness,
} from '../../support/subgraph-harness.js';

interface MembersPage {
  readonly tenant: {
    readonly members: {
      readonly nodes: readonly { readonly user: { readonly id: string } }[];
      readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
      readonly totalCount: number;
    };
  };
}

let harness: SubgraphHarness;

beforeAll(async () => {
  harness = await startSubgraphHarness(tenantSubgraph, {
    environment: { INVITATION_SECRET: 'a-secret-for-invitations-in-tests-only', MAIL_URL: 'console:' },
  });
}, 60_000);

afterAll(() => harness.stop());

/** A tenant with an administrator and some members, put there by the database's owner. */
async function aTenant(slug: string, memberCount: number): Promise<{ tenantId: string; adminId: string }> {
  const admin = aUser();
  const created = await harness.request(
    admin,
    'mutation ($slug: String!) { createTenant(input: { name: "T", slug: $slug }) { id } }',
    { slug },
  );
  const tenantId: string = created.data.createTenant.id;
  await withClient(withDatabase(harness.adminUrl, 'tessera_tenant'), async (client) => {
    for (let index = 0; index < memberCount; index += 1) {
      await client.query(
        `insert into membership (id, tenant_id, user_id, role, joined_at) values ($1, $2, gen_random_uuid(), 'USER', now())`,
        [newId(), tenantId],
      );
    }
  });
  return { tenantId, adminId: admin.userId };
}

describe('members', () => {
  test('a list of members with their tenants costs one query per kind of thing, not per member', async () => {
    const { tenantId, adminId } = await aTenant('many', 30);
    harness.forgetQueries();

    const answer = await harness.request(
      aUser({ userId: adminId, tenantId }),
      '{ tenant { members(first: 31) { nodes { role tenant { name } user { id memberships { role } } } } } }',
    );

    expect(answer.data.tenant.members.nodes).toHaveLength(31);
    const selects = harness.queries.filter((sql) => /from "(tenant|membership)"/.test(sql));
    expect(selects).toHaveLength(4);
  });

  test('are known to caches by an id that is the same wherever they are read, and whatever becomes of them', async () => {
    const { tenantId, adminId } = await aTenant('cached', 1);
    const admin = aUser({ userId: adminId, tenantId, role: 'TENANT_ADMIN' });
    const listed = await harness.request(admin, '{ tenant { members(first: 5) { nodes { id role user { id } } } } }');
    const member = listed.data.tenant.members.nodes.find(({ role }: { readonly role: string }) => role === 'USER');

    const changed = await harness.request(
      admin,
      'mutation ($userId: ID!) { changeMemberRole(input: { userId: $userId, role: "TENANT_ADMIN" }) { id role } }',
      { userId: member.user.id },
    );
    const own = await harness.request(
      aUser({ userId: member.user.id, tenantId }),
      'query ($tenantId: ID!) { membership(tenantId: $tenantId) { id } me: tenant(id: $tenantId) { members(first: 5) { nodes { user { memberships { id } } } } } }',
      { tenantId },
    );

    expect(changed.data.changeMemberRole).toEqual({ id: member.id, role: 'TENANT_ADMIN' });
    expect(own.data.membership).toEqual({ id: member.id });
    expect(own.data.me.members.nodes).toContainEqual({ user: { memberships: [{ id: member.id }] } });
  });

  test('pages join without a gap or a double', async () => {
    const { tenantId, adminId } = await aTenant('paged', 7);
    const query = `query ($after: String) { tenant { members(first: 3, after: $after) {
      nodes { user { id } } pageInfo { hasNextPage endCursor } totalCount } } }`;
    const seen: string[] = [];
    let after: string | null = null;

    do {
      const answer: GraphqlAnswer<MembersPage> = await harness.request(aUser({ userId: adminId, tenantId }), query, {
        after,
      });
      const { nodes, pageInfo, totalCount } = (answer.data as MembersPage).tenant.members;
      expect(totalCount).toBe(8);
      seen.push(...nodes.map(({ user }) => user.id));
      after = pageInfo.hasNextPage ? pageInfo.endCursor : null;
    } while (after !== null);

    expect(new Set(seen).size).toBe(8);
    expect(seen).toHaveLength(8);
  });

  test('the last administrator can neither leave nor be demoted', async () => {
    const { tenantId, adminId } = await aTenant('last-admin', 1);
    const admin = aUser({ userId: adminId, tenantId, role: 'TENANT_ADMIN' });

    const leave = await harness.request(admin, 'mutation ($id: ID!) { removeMember(userId: $id) }', { id: adminId });
    const demote = await harness.request(
      admin,
      'mutation ($id: ID!) { changeMemberRole(input: { userId: $id, role: "USER" }) { role } }',
      { id: adminId },
    );

    expect(leave.errors?.[0]?.extensions.code).toBe('PRECONDITION_FAILED');
    expect(demote.errors?.[0]?.extensions.code).toBe('PRECONDITION_FAILED');
  });

  test('a member without the permission cannot invite', async () => {
    const { tenantId } = await aTenant('forbidden', 0);

    const answer = await harness.request(
      aUser({ tenantId }),
      'mutation { inviteMember(input: { email: "x@example.com" }) { id } }',
    );

    expect(answer.errors?.[0]?.extensions.code).toBe('FORBIDDEN');
  });

  test.each([
    ['a page size of zero', '{ tenant { members(first: 0) { totalCount } } }'],
    ['a page size past the limit', '{ tenant { members(first: 101) { totalCount } } }'],
    ['a cursor that was not ours', '{ tenant { members(after: "x") { totalCount } } }'],
  ])('%s is refused as bad input', async (_name, query) => {
    const { tenantId, adminId } = await aTenant(`bad-${Math.random().toString(36).slice(2)}`, 0);

    const answer = await harness.request(aUser({ userId: adminId, tenantId }), query);

    expect(answer.errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
  });
});
