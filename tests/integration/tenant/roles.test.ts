import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { DomainEvent } from '@tessera/service/events';
import type { Principal } from '@tessera/service/identity';
import { tenantSubgraph } from '@tessera/tenant/subgraph';
import { withDatabase } from '@tessera/service/database';
import { eventually } from '../../support/eventually.js';
import { runSql } from '../../support/postgres-server.js';
import { aUser, startSubgraphHarness, type SubgraphHarness } from '../../support/subgraph-harness.js';

let harness: SubgraphHarness;
let tenantId: string;
let admin: Principal;
const events: DomainEvent[] = [];

beforeAll(async () => {
  harness = await startSubgraphHarness(tenantSubgraph, {
    environment: { INVITATION_SECRET: 'a-secret-for-invitations-in-tests-only', MAIL_URL: 'console:' },
  });
  harness.eventBus.subscribe({
    consumer: 'test',
    types: ['member.roleChanged', 'role.changed', 'audit.recorded'],
    handle: async (event) => void events.push(event),
  });
}, 60_000);

afterAll(() => harness.stop());

beforeEach(async () => {
  const founder = aUser();
  const slug = `acme-${randomUUID().slice(0, 8)}`;
  const create = `mutation { createTenant(input: { name: "Acme", slug: "${slug}" }) { id } }`;
  tenantId = (await harness.request(founder, create)).data.createTenant.id;
  admin = aUser({ userId: founder.userId, tenantId, role: 'TENANT_ADMIN' });
});

const codeOf = (answer: { errors?: readonly { extensions: { code: string } }[] }) =>
  answer.errors?.[0]?.extensions.code;

function createRole(caller: Principal, name: string, permissions: readonly string[]) {
  const query = 'mutation ($input: CreateRoleInput!) { createRole(input: $input) { id name permissions isBuiltIn } }';
  return harness.request(caller, query, { input: { name, permissions } });
}

async function addMember(role: string): Promise<string> {
  const userId = randomUUID();
  const url = withDatabase(harness.adminUrl, 'tessera_tenant');
  await runSql(
    url,
    `insert into membership (id, tenant_id, user_id, role, joined_at)
     values (gen_random_uuid(), '${tenantId}', '${userId}', '${role}', now())`,
  );
  return userId;
}

function changeRole(caller: Principal, userId: string, role: string) {
  const query = 'mutation ($input: ChangeMemberRoleInput!) { changeMemberRole(input: $input) { role permissions } }';
  return harness.request(caller, query, { input: { userId, role } });
}

/** Somebody who holds a role of the tenant's own making, as their token says it. */
const holderOf = (permissions: string[]): Principal => ({
  ...aUser({ tenantId }),
  roles: ['own'],
  scopes: permissions,
});

describe('roles of a tenant’s own making', () => {
  test('can be defined, listed beside the built-in ones, given and taken away', async () => {
    const created = await createRole(admin, 'auditor', ['files:read', 'audit:read', 'audit:read']);
    const { id } = created.data.createRole;
    expect(created.data.createRole).toMatchObject({ permissions: ['audit:read', 'files:read'], isBuiltIn: false });

    const listed = await harness.request(admin, '{ roles { name isBuiltIn } permissions { name description } }');
    expect(listed.data.roles.map(({ name }: { name: string }) => name)).toEqual(['TENANT_ADMIN', 'USER', 'auditor']);
    expect(listed.data.permissions).toContainEqual({ name: 'audit:read', description: expect.any(String) });

    const userId = await addMember('USER');
    const given = await changeRole(admin, userId, 'auditor');
    expect(given.data.changeMemberRole).toEqual({ role: 'auditor', permissions: ['audit:read', 'files:read'] });
    const remove = 'mutation ($id: ID!) { deleteRole(id: $id) }';
    expect(codeOf(await harness.request(admin, remove, { id }))).toBe('PRECONDITION_FAILED');
    await changeRole(admin, userId, 'USER');
    expect((await harness.request(admin, remove, { id })).data.deleteRole).toBe(true);
  });

  test('tell auth, by the same commit, what their members may do from now on', async () => {
    const role = (await createRole(admin, 'clerk', ['files:read'])).data.createRole;
    await changeRole(admin, await addMember('USER'), 'clerk');
    const update = 'mutation ($input: UpdateRoleInput!) { updateRole(input: $input) { permissions } }';
    await harness.request(admin, update, { input: { id: role.id, permissions: ['files:write'] } });

    await eventually(() => events.filter((event) => event.tenantId === tenantId).length >= 5);
    const payloads = events.filter((event) => event.tenantId === tenantId);
    expect(payloads).toContainEqual(
      expect.objectContaining({
        type: 'member.roleChanged',
        payload: expect.objectContaining({ permissions: ['files:read'] }),
      }),
    );
    expect(payloads).toContainEqual(
      expect.objectContaining({ type: 'role.changed', payload: { role: 'clerk', permissions: ['files:write'] } }),
    );
    expect(payloads).toContainEqual(
      expect.objectContaining({ type: 'audit.recorded', payload: expect.objectContaining({ action: 'role.changed' }) }),
    );
  });

  test.each([
    ['the name of a built-in role', 'USER', ['files:read'], 'BAD_USER_INPUT'],
    ['a name with a space', 'two words', ['files:read'], 'BAD_USER_INPUT'],
    ['a permission that there is not', 'fine', ['everything:do'], 'BAD_USER_INPUT'],
  ])('are refused with %s', async (_what, name, permissions, code) => {
    expect(codeOf(await createRole(admin, name, permissions))).toBe(code);
  });

  test('a name is taken once a tenant', async () => {
    await createRole(admin, 'clerk', []);

    expect(codeOf(await createRole(admin, 'clerk', []))).toBe('CONFLICT');
  });
});

describe('nobody gives what they have not', () => {
  const manager = () => holderOf(['members:read', 'members:manage']);

  test('not by defining a role, and not by changing or deleting one that grants more', async () => {
    expect(codeOf(await createRole(manager(), 'more', ['audit:read']))).toBe('FORBIDDEN');
    const { id } = (await createRole(admin, 'auditor', ['audit:read'])).data.createRole;
    const update = 'mutation ($input: UpdateRoleInput!) { updateRole(input: $input) { id } }';
    const shrink = { input: { id, permissions: [] } };
    expect(codeOf(await harness.request(manager(), update, shrink))).toBe('FORBIDDEN');
    expect(codeOf(await harness.request(manager(), 'mutation ($id: ID!) { deleteRole(id: $id) }', { id }))).toBe(
      'FORBIDDEN',
    );
  });

  test('not by giving a role, taking a higher one, inviting to one, or removing who has one', async () => {
    const userId = await addMember('USER');
    const invite = 'mutation ($input: InviteMemberInput!) { inviteMember(input: $input) { id } }';
    const input = { email: 'new@example.com', role: 'TENANT_ADMIN' };

    expect(codeOf(await changeRole(manager(), userId, 'TENANT_ADMIN'))).toBe('FORBIDDEN');
    expect(codeOf(await changeRole(manager(), admin.userId ?? '', 'USER'))).toBe('FORBIDDEN');
    expect(codeOf(await harness.request(manager(), invite, { input }))).toBe('FORBIDDEN');
    const remove = 'mutation ($id: ID!) { removeMember(userId: $id) }';
    expect(codeOf(await harness.request(manager(), remove, { id: admin.userId }))).toBe('FORBIDDEN');
  });

  test('and nobody without the right to manage members defines roles', async () => {
    expect(codeOf(await createRole(aUser({ tenantId }), 'mine', []))).toBe('FORBIDDEN');
    expect(codeOf(await changeRole(admin, await addMember('USER'), 'SUPER_ADMIN'))).toBe('BAD_USER_INPUT');
    expect(codeOf(await changeRole(admin, await addMember('USER'), 'unheard-of'))).toBe('NOT_FOUND');
  });
});

test('a front end can ask what the caller may do', async () => {
  const query = 'query ($permissions: [String!]!) { can(permissions: $permissions) }';
  const member = aUser({ tenantId });

  expect((await harness.request(member, query, { permissions: ['files:read'] })).data.can).toBe(true);
  expect((await harness.request(member, query, { permissions: ['files:read', 'tenant:manage'] })).data.can).toBe(false);
});

describe('another tenant’s roles', () => {
  test('are not there: not in lists, not to be changed, not to be given', async () => {
    const { id } = (await createRole(admin, 'secret-role', ['files:read'])).data.createRole;
    const stranger = aUser({ tenantId: randomUUID(), role: 'TENANT_ADMIN' });
    const update = 'mutation ($input: UpdateRoleInput!) { updateRole(input: $input) { id } }';

    expect(JSON.stringify(await harness.request(stranger, '{ roles { name } }'))).not.toContain('secret-role');
    expect(codeOf(await harness.request(stranger, update, { input: { id, description: 'x' } }))).toBe('NOT_FOUND');
    expect(codeOf(await harness.request(stranger, 'mutation ($id: ID!) { deleteRole(id: $id) }', { id }))).toBe(
      'NOT_FOUND',
    );
  });

  test('are not there for the service’s own role either', async () => {
    await createRole(admin, 'hidden', ['files:read']);
    const asTenant = (id: string) =>
      runSql(harness.databaseUrl, `set app.tenant_id = '${id}'`, 'select name from role');

    expect(await runSql(harness.databaseUrl, 'select name from role')).toEqual([]);
    expect(await asTenant(randomUUID())).toEqual([]);
    expect(await asTenant(tenantId)).toEqual([{ name: 'hidden' }]);
  });
});
