import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newId, withDatabase } from '@tessera/service/database';
import type { DomainEvent } from '@tessera/service/events';
import type { Principal } from '@tessera/service/identity';
import { memberEventTypes } from '@tessera/service/tenancy';
import { tenantSubgraph } from '@tessera/tenant/subgraph';
import { aUser, startSubgraphHarness, type SubgraphHarness } from '../../support/subgraph-harness.js';
import { runSql } from '../../support/postgres-server.js';
import { eventually } from '../../support/eventually.js';
import { temporaryFolder } from '../../support/temporary-folder.js';
import {
  addMembers,
  anOrganisation,
  codeOf,
  codeWhenLetIn,
  invitationSecret,
  invitationTokens,
  type Organisation,
} from './organisation.js';

const seats = 10;
const limits = { seats, openInvitations: 3, groups: 1, domains: 1 };

let harness: SubgraphHarness;
const published: DomainEvent[] = [];

beforeAll(async () => {
  const path = join(await temporaryFolder('plans'), 'plans.json');
  await writeFile(path, JSON.stringify([{ id: 'small', name: 'Small', limits, features: [] }]));
  harness = await startSubgraphHarness(tenantSubgraph, {
    environment: { INVITATION_SECRET: invitationSecret, MAIL_URL: 'console:', PLANS_PATH: path },
  });
  await harness.eventBus.subscribe({
    consumer: 'test',
    types: [...memberEventTypes, 'audit.recorded'],
    handle: async (event) => void published.push(event),
  });
}, 60_000);

afterAll(() => harness.stop());

const deactivate = 'mutation ($id: ID!) { deactivateMember(userId: $id) { role status deactivatedAt permissions } }';
const reactivate = 'mutation ($id: ID!) { reactivateMember(userId: $id) { role status deactivatedAt permissions } }';
const isNews = ({ type }: DomainEvent): boolean => (memberEventTypes as readonly string[]).includes(type);

const accept = 'mutation ($token: String!) { acceptInvitation(token: $token) { status } }';

const addMember = async (organisation: Organisation, how?: Parameters<typeof addMembers>[3]): Promise<string> =>
  (await addMembers(harness, organisation, 1, how))[0] ?? '';

describe('a member who is deactivated', () => {
  test('keeps the role, is granted nothing, and is shown so to oneself and to the tenant', async () => {
    const organisation = await anOrganisation(harness);
    const userId = await addMember(organisation);

    const { data } = await harness.request(organisation.admin, deactivate, { id: userId });

    const deactivatedAt = expect.any(String);
    expect(data.deactivateMember).toEqual({ role: 'USER', status: 'DEACTIVATED', deactivatedAt, permissions: [] });
    const own = await harness.request(
      aUser({ userId }),
      'query ($id: ID!) { membership(tenantId: $id) { role status permissions tenant { status } } }',
      { id: organisation.tenantId },
    );
    expect(own.data.membership).toEqual({
      role: 'USER',
      status: 'DEACTIVATED',
      permissions: [],
      tenant: { status: 'ACTIVE' },
    });
    const { data: listed } = await harness.request(
      organisation.admin,
      `{ tenant { all: members { totalCount } active: members(status: ACTIVE) { totalCount nodes { status } }
         locked: members(status: DEACTIVATED) { totalCount nodes { user { id } } } } }`,
    );
    expect(listed.tenant).toEqual({
      all: { totalCount: 2 },
      active: { totalCount: 1, nodes: [{ status: 'ACTIVE' }] },
      locked: { totalCount: 1, nodes: [{ user: { id: userId } }] },
    });
  });

  test('is announced and logged once, however often it is asked for, and so is the way back', async () => {
    const organisation = await anOrganisation(harness);
    const userId = await addMember(organisation);
    const { tenantId, admin } = organisation;

    for (const query of [deactivate, deactivate, reactivate, reactivate])
      await harness.request(admin, query, { id: userId });

    const newsOf = () => published.filter((event) => event.tenantId === tenantId && isNews(event));
    await eventually(() => newsOf().some(({ type }) => type === 'member.reactivated'));
    expect(newsOf().slice(1)).toMatchObject([
      { type: 'member.deactivated', payload: { userId, role: 'USER', isDeactivated: true, tenantName: 'Org' } },
      { type: 'member.reactivated', payload: { userId, role: 'USER' } },
    ]);
    const logged = () =>
      published.flatMap(({ payload, type }) =>
        type === 'audit.recorded' && payload['subjectId'] === userId ? [payload['action']] : [],
      );
    await eventually(() => logged().length > 1);
    expect(logged()).toEqual(['member.deactivated', 'member.reactivated']);
  });

  test('stays so with another role, by an invitation and by a transfer', async () => {
    const organisation = await anOrganisation(harness);
    const userId = await addMember(organisation, { isDeactivated: true });
    const [token] = await invitationTokens(harness, organisation.tenantId, ['again@example.com'], {
      openToAnyone: true,
    });

    const renamed = await harness.request(
      organisation.admin,
      'mutation ($id: ID!) { changeMemberRole(input: { userId: $id, role: "TENANT_ADMIN" }) { role status } }',
      { id: userId },
    );
    const invited = await harness.request(aUser({ userId }), accept, { token });
    const heir = await harness.request(
      organisation.admin,
      'mutation ($id: ID!) { transferOwnership(userId: $id) { role } }',
      { id: userId },
    );

    expect(renamed.data.changeMemberRole).toEqual({ role: 'TENANT_ADMIN', status: 'DEACTIVATED' });
    const isRoleChange = ({ type, payload }: DomainEvent) =>
      type === 'member.roleChanged' && payload['userId'] === userId;
    await eventually(() => published.some(isRoleChange));
    expect(published.find(isRoleChange)?.payload).toMatchObject({ isDeactivated: true });
    expect(invited.errors?.[0]?.extensions).toMatchObject({
      code: 'FORBIDDEN',
      details: { reason: 'MEMBER_DEACTIVATED' },
    });
    expect(codeOf(heir)).toBe('FORBIDDEN');
  });

  test('who administered it can neither stop its erasure nor be its last administrator', async () => {
    const organisation = await anOrganisation(harness);
    const { tenantId, admin } = organisation;
    const userId = await addMember(organisation, { role: 'TENANT_ADMIN' });
    await harness.request(admin, deactivate, { id: userId });
    const erasureId = newId();
    await runSql(
      withDatabase(harness.adminUrl, 'tessera_tenant'),
      `insert into erasure (id, kind, subject_id, requested_by, requested_at, due_at)
       values ('${erasureId}', 'tenant', '${tenantId}', '${admin.userId}', now(), now() + interval '1 day')`,
    );
    const leave = 'mutation ($id: ID!) { removeMember(userId: $id) }';
    const look = 'query ($id: ID!) { erasure(id: $id) { id } }';

    const leaving = await harness.request(admin, leave, { id: admin.userId });
    const seen = await harness.request(aUser({ userId }), look, { id: erasureId });
    const other = await harness.request(aUser({ userId: admin.userId }), look, { id: erasureId });

    expect([codeOf(leaving), codeOf(seen), codeOf(other)]).toEqual(['PRECONDITION_FAILED', 'NOT_FOUND', 'ok']);
  });
});

describe('who may deactivate whom', () => {
  test.each([
    ['an ordinary member', 'member', 'FORBIDDEN'],
    ['an administrator of another tenant', 'stranger', 'NOT_FOUND'],
    ['who manages members, and the target has more rights', 'manager', 'FORBIDDEN'],
    ['an administrator, themselves', 'oneself', 'BAD_USER_INPUT'],
    ['nobody signed in', 'anonymous', 'UNAUTHENTICATED'],
  ])('%s is refused', async (_who, caller, code) => {
    const organisation = await anOrganisation(harness);
    const { tenantId, admin } = organisation;
    const userId = await addMember(organisation, { role: 'TENANT_ADMIN' });
    const callers: Readonly<Record<string, Principal>> = {
      member: aUser({ tenantId }),
      stranger: (await anOrganisation(harness)).admin,
      manager: { ...aUser({ tenantId }), scopes: ['members:manage'] },
      oneself: admin,
      anonymous: { kind: 'anonymous', roles: [], scopes: [] },
    };
    const id = caller === 'oneself' ? admin.userId : userId;

    const codes = [deactivate, reactivate].map((query) =>
      harness.request(callers[caller] ?? admin, query, { id }).then(codeOf),
    );

    // Whoever is in cannot be let in again, so that the way back is refused to the manager by nothing.
    expect(await Promise.all(codes)).toEqual(caller === 'manager' ? [code, 'ok'] : [code, code]);
  });

  test('of two administrators who lock each other out at once one remains', async () => {
    const organisation = await anOrganisation(harness);
    const { tenantId, admin } = organisation;
    const secondId = await addMember(organisation, { role: 'TENANT_ADMIN' });
    const second = aUser({ userId: secondId, tenantId, role: 'TENANT_ADMIN' });

    const codes = await Promise.all([
      harness.request(admin, deactivate, { id: secondId }).then(codeOf),
      harness.request(second, deactivate, { id: admin.userId }).then(codeOf),
    ]);

    expect(codes.toSorted()).toEqual(['PRECONDITION_FAILED', 'ok']);
  });
});

describe('the seat of who is deactivated', () => {
  test('is free for another, and without a free one nobody comes back', async () => {
    const organisation = await anOrganisation(harness);
    const [first = ''] = await addMembers(harness, organisation, seats - 1);
    await harness.request(organisation.admin, deactivate, { id: first });
    const [token] = await invitationTokens(harness, organisation.tenantId, ['next@example.com'], {
      openToAnyone: true,
    });

    const joined = await harness.request(aUser(), accept, { token });
    const back = await harness.request(organisation.admin, reactivate, { id: first });

    expect(codeOf(joined)).toBe('ok');
    expect(back.errors?.[0]?.extensions).toMatchObject({
      code: 'QUOTA_EXCEEDED',
      details: { limit: 'seats', max: seats, used: seats, plan: 'small' },
    });
  });

  test('of a hundred who come back or join at once over two instances as many get in as there are seats', async () => {
    const organisation = await anOrganisation(harness);
    const { tenantId, admin } = organisation;
    const another = await harness.startAnother();
    const locked = await addMembers(harness, organisation, 50, { isDeactivated: true });
    const tokens = await invitationTokens(
      harness,
      tenantId,
      locked.map((id) => `${id}@example.com`),
      { openToAnyone: true },
    );

    const codes = await Promise.all(
      locked.flatMap((id, index) => {
        const [one, other] = index % 2 === 0 ? [harness, another] : [another, harness];
        return [
          codeWhenLetIn(() => one.request(admin, reactivate, { id })),
          codeWhenLetIn(() => other.request(aUser(), accept, { token: tokens[index] })),
        ];
      }),
    );

    expect(codes.filter((code) => code === 'ok')).toHaveLength(seats - 1);
    expect(codes.filter((code) => code === 'QUOTA_EXCEEDED')).toHaveLength(100 - (seats - 1));
    const { data } = await harness.request(admin, '{ tenant { members(status: ACTIVE) { totalCount } } }');
    expect(data.tenant.members.totalCount).toBe(seats);
  }, 120_000);
});
