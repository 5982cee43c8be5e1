import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { DomainEvent } from '@tessera/service/events';
import { permissionsOf, type Principal } from '@tessera/service/identity';
import { memberRightsEventType, memberRightsSchema } from '@tessera/service/tenancy';
import { tenantSubgraph } from '@tessera/tenant/subgraph';
import { eventually } from '../../support/eventually.js';
import { queryAs } from '../../support/sql-session.js';
import { aUser, startSubgraphHarness, type SubgraphHarness } from '../../support/subgraph-harness.js';
import {
  anOrganisation,
  codeOf,
  codeWhenLetIn,
  invitationSecret,
  someMembers,
  type Organisation,
} from './organisation.js';

// A busy machine takes ten times as long as an idle one.
jest.setTimeout(120_000);

let harness: SubgraphHarness;
const published: DomainEvent[] = [];

beforeAll(async () => {
  harness = await startSubgraphHarness(tenantSubgraph, {
    environment: { INVITATION_SECRET: invitationSecret, MAIL_URL: 'console:' },
  });
  harness.eventBus.subscribe({
    consumer: 'watcher',
    types: [memberRightsEventType],
    handle: async (event) => void published.push(event),
  });
}, 120_000);

afterAll(() => harness.stop());

const create = 'mutation ($input: CreateGroupInput!) { createGroup(input: $input) { id name role } }';
const update = 'mutation ($input: UpdateGroupInput!) { updateGroup(input: $input) { name description role } }';
const remove = 'mutation ($id: ID!) { deleteGroup(id: $id) }';
const change = (verb: string) => `mutation ($input: GroupMembersInput!) { ${verb}GroupMembers(input: $input) {
  members { nodes { user { id } } totalCount } } }`;
const list =
  '{ groups { nodes { name role members(first: 2) { nodes { addedAt user { id } } totalCount pageInfo { hasNextPage } } } } }';

async function aGroup(admin: Principal, role?: string): Promise<string> {
  const input = { name: `group ${randomUUID()}`, ...(role !== undefined && { role }) };
  return (await harness.request(admin, create, { input })).data.createGroup.id;
}

const put = (admin: Principal, verb: 'add' | 'remove', groupId: string, userIds: readonly string[]) =>
  harness.request(admin, change(verb), { input: { groupId, userIds } });

async function permissionsIn({ tenantId }: Organisation, userId: string): Promise<string[]> {
  const query = 'query ($id: ID!) { membership(tenantId: $id) { permissions } }';
  return (await harness.request(aUser({ userId }), query, { id: tenantId })).data.membership.permissions;
}

describe('groups of members', () => {
  test('are made, renamed and removed, one of a name in a tenant', async () => {
    const { admin } = await anOrganisation(harness);
    const [name, other] = ['Support', 'Billing'];
    const { id } = (await harness.request(admin, create, { input: { name } })).data.createGroup;
    await harness.request(admin, create, { input: { name: other } });

    const again = await harness.request(admin, create, { input: { name: 'support' } });
    const renamed = await harness.request(admin, update, { input: { id, name: 'Care', description: 'Helps' } });
    const clash = await harness.request(admin, update, { input: { id, name: other } });
    const removed = await harness.request(admin, remove, { id });
    const gone = await harness.request(admin, remove, { id });

    expect([again, clash, gone].map(codeOf)).toEqual(['CONFLICT', 'CONFLICT', 'NOT_FOUND']);
    expect(renamed.data.updateGroup).toEqual({ name: 'Care', description: 'Helps', role: null });
    expect(removed.data.deleteGroup).toBe(true);
    expect((await harness.request(admin, list)).data.groups.nodes).toMatchObject([{ name: other }]);
  });

  test('take people in and out, all or none, as often as one asks', async () => {
    const organisation = await anOrganisation(harness);
    const { admin } = organisation;
    const ids = (await someMembers(harness, organisation, 3)).map(({ userId }) => userId);
    const group = await aGroup(admin);

    const added = await put(admin, 'add', group, ids);
    const again = await put(admin, 'add', group, [...ids, ...ids]);
    const withStranger = await put(admin, 'add', group, [admin.userId, randomUUID()]);
    const out = await put(admin, 'remove', group, [ids[0] ?? '', randomUUID()]);

    const counts = [added, again, out].map(
      ({ data }) => Object.values<{ members: { totalCount: number } }>(data)[0]?.members.totalCount,
    );
    expect(counts).toEqual([3, 3, 2]);
    expect(codeOf(withStranger)).toBe('NOT_FOUND');
  });

  test('are listed with their members by as many queries for five as for one', async () => {
    const organisation = await anOrganisation(harness);
    const { admin } = organisation;
    const ids = (await someMembers(harness, organisation, 3)).map(({ userId }) => userId);
    const queriesFor = async (count: number): Promise<number> => {
      for (let made = 0; made < count; made += 1) await put(admin, 'add', await aGroup(admin), ids);
      harness.forgetQueries();
      const { data } = await harness.request(admin, list);
      expect(data.groups.nodes.at(-1)).toMatchObject({ members: { totalCount: 3, pageInfo: { hasNextPage: true } } });
      return harness.queries.filter((sql) => sql.includes('group')).length;
    };

    const [ofOne, ofFive] = [await queriesFor(1), await queriesFor(4)];

    expect(ofFive).toBe(ofOne);
  });

  test('are as many as the plan allows, however many are made at once', async () => {
    const { admin } = await anOrganisation(harness);

    const codes = await Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        codeWhenLetIn(() => harness.request(admin, create, { input: { name: `group ${index}` } })),
      ),
    );

    expect(codes.filter((code) => code === 'ok')).toHaveLength(5);
    expect(codes.filter((code) => code === 'QUOTA_EXCEEDED')).toHaveLength(95);
  });
});

describe('a group with a role', () => {
  test('adds to what its members may do, until they are out of it', async () => {
    const organisation = await anOrganisation(harness);
    const { admin, tenantId } = organisation;
    const [{ userId } = { userId: '' }] = await someMembers(harness, organisation, 1);
    await harness.request(
      admin,
      'mutation { createRole(input: { name: "Auditor", permissions: ["audit:read"] }) { id } }',
    );
    const group = await aGroup(admin, 'Auditor');
    const own = [...permissionsOf(['USER'])].sort();

    await put(admin, 'add', group, [userId]);
    const within = await permissionsIn(organisation, userId);
    await harness.request(admin, update, { input: { id: group, role: 'TENANT_ADMIN' } });
    const administering = await permissionsIn(organisation, userId);
    await put(admin, 'remove', group, [userId]);
    const after = await permissionsIn(organisation, userId);

    expect(within).toEqual([...own, 'audit:read'].sort());
    expect(administering).toEqual([...permissionsOf(['TENANT_ADMIN'])].sort());
    expect(after).toEqual(own);
    const toldOf = () =>
      published.filter((event) => event.tenantId === tenantId).map(({ payload }) => memberRightsSchema.parse(payload));
    await eventually(() => toldOf().length === 3);
    expect(toldOf().map(({ version, members: [member] }) => [version, member?.isGrouped])).toEqual([
      [1, true],
      [2, true],
      [3, false],
    ]);
    expect(toldOf()[0]?.members).toEqual([{ userId, permissions: ['audit:read'], isGrouped: true }]);
    expect(toldOf()[2]?.members).toEqual([{ userId, permissions: null, isGrouped: false }]);
  });

  test('is told of when its role grants something else, and that role stays as long as the group has it', async () => {
    const organisation = await anOrganisation(harness);
    const { admin, tenantId } = organisation;
    const [{ userId } = { userId: '' }] = await someMembers(harness, organisation, 1);
    const role = (await harness.request(admin, 'mutation { createRole(input: { name: "R", permissions: [] }) { id } }'))
      .data.createRole;
    await put(admin, 'add', await aGroup(admin, 'R'), [userId]);

    const removal = await harness.request(admin, 'mutation ($id: ID!) { deleteRole(id: $id) }', { id: role.id });
    await harness.request(
      admin,
      'mutation ($id: ID!) { updateRole(input: { id: $id, permissions: ["audit:read"] }) { id } }',
      {
        id: role.id,
      },
    );

    expect(codeOf(removal)).toBe('PRECONDITION_FAILED');
    const last = () => published.filter((event) => event.tenantId === tenantId).at(-1)?.payload;
    await eventually(() => memberRightsSchema.parse(last()).version === 2);
    expect(last()).toMatchObject({ members: [{ userId, permissions: ['audit:read'], isGrouped: true }] });
  });

  test('gives and takes nothing that its manager has not', async () => {
    const organisation = await anOrganisation(harness);
    const { admin, tenantId } = organisation;
    const [member] = await someMembers(harness, organisation, 1);
    const manager = {
      ...aUser({ userId: member?.userId ?? '', tenantId }),
      scopes: ['members:read', 'members:manage'],
    };
    const powerful = await aGroup(admin, 'TENANT_ADMIN');
    const plain = await aGroup(admin);

    const refused = [
      await harness.request(manager, create, { input: { name: 'Mine', role: 'TENANT_ADMIN' } }),
      await harness.request(manager, update, { input: { id: plain, role: 'TENANT_ADMIN' } }),
      await harness.request(manager, update, { input: { id: powerful, role: null } }),
      await put(manager, 'add', powerful, [manager.userId]),
      await put(manager, 'remove', powerful, [admin.userId]),
      await harness.request(manager, remove, { id: powerful }),
      await harness.request(aUser({ tenantId }), create, { input: { name: 'No right' } }),
    ];

    expect(refused.map(codeOf)).toEqual(Array(7).fill('FORBIDDEN'));
    expect(codeOf(await put(manager, 'add', plain, [manager.userId]))).toBe('ok');
  });

  test('makes nobody the administrator who has to stay, and forgets who goes', async () => {
    const organisation = await anOrganisation(harness);
    const { admin } = organisation;
    const [{ userId } = { userId: '' }] = await someMembers(harness, organisation, 1);
    const group = await aGroup(admin, 'TENANT_ADMIN');
    await put(admin, 'add', group, [userId]);
    const leave = 'mutation ($id: ID!) { removeMember(userId: $id) }';

    const lastOne = await harness.request(admin, leave, { id: admin.userId });
    const other = await harness.request(admin, leave, { id: userId });

    expect(codeOf(lastOne)).toBe('PRECONDITION_FAILED');
    expect(codeOf(other)).toBe('ok');
    const { data } = await harness.request(admin, 'query ($id: ID!) { group(id: $id) { members { totalCount } } }', {
      id: group,
    });
    expect(data.group.members.totalCount).toBe(0);
  });

  test('is no other tenant’s business, not even in SQL', async () => {
    const [one, other] = [await anOrganisation(harness), await anOrganisation(harness)];
    const group = await aGroup(one.admin, 'USER');
    await put(one.admin, 'add', group, [one.admin.userId]);
    const foreign = [
      await harness.request(other.admin, 'query ($id: ID!) { group(id: $id) { name } }', { id: group }),
      await harness.request(other.admin, update, { input: { id: group, name: 'Mine' } }),
      await harness.request(other.admin, remove, { id: group }),
      await put(other.admin, 'add', group, [other.admin.userId]),
      await put(other.admin, 'remove', group, [one.admin.userId]),
    ];

    expect(foreign.map(codeOf)).toEqual(Array(5).fill('NOT_FOUND'));
    for (const table of ['member_group', 'group_member']) {
      const rows = (caller: { tenantId?: string }) =>
        queryAs(harness.databaseUrl, caller, `select tenant_id from ${table}`);
      expect(await rows({})).toEqual([]);
      expect(await rows({ tenantId: other.tenantId })).toEqual([]);
      expect(await rows({ tenantId: one.tenantId })).toEqual([{ tenant_id: one.tenantId }]);
    }
  });
});
