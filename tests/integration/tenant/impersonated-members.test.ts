import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Principal } from '@tessera/service/identity';
import { tenantSubgraph } from '@tessera/tenant/subgraph';
import { startSubgraphHarness, type SubgraphHarness } from '../../support/subgraph-harness.js';
import { addMembers, anOrganisation, codeOf, type Organisation } from './organisation.js';

let harness: SubgraphHarness;
let organisation: Organisation;
let memberId: string;

beforeAll(async () => {
  harness = await startSubgraphHarness(tenantSubgraph, {
    environment: { INVITATION_SECRET: 'a-secret-for-invitations-in-tests-only', MAIL_URL: 'console:' },
  });
  organisation = await anOrganisation(harness);
  [memberId = ''] = await addMembers(harness, organisation, 1);
}, 60_000);

afterAll(() => harness.stop());

const id = randomUUID();

describe('where somebody belongs', () => {
  test.each([
    ['inviteMember', 'inviteMember(input: { email: "mole@example.com", role: "TENANT_ADMIN" }) { id }'],
    ['resendInvitation', `resendInvitation(input: { id: "${id}" }) { id }`],
    ['revokeInvitation', `revokeInvitation(id: "${id}") { id }`],
    ['changeMemberRole', `changeMemberRole(input: { userId: "${id}", role: "TENANT_ADMIN" }) { role }`],
    ['removeMember', `removeMember(userId: "${id}")`],
    ['deactivateMember', `deactivateMember(userId: "${id}") { role }`],
    ['transferOwnership', `transferOwnership(userId: "${id}") { role }`],
    ['createRole', 'createRole(input: { name: "Mole", permissions: [] }) { id }'],
    ['deleteRole', `deleteRole(id: "${id}")`],
    ['createGroup', 'createGroup(input: { name: "Moles" }) { id }'],
    ['addGroupMembers', `addGroupMembers(input: { groupId: "${id}", userIds: [] }) { id }`],
  ])('is not changed by who impersonates an administrator: %s', async (_name, field) => {
    const impersonator = { ...organisation.admin, impersonatorId: randomUUID() };

    const answer = await harness.request(impersonator, `mutation { ${field} }`);

    expect(answer.errors?.[0]).toMatchObject({
      message: 'Whoever impersonates a person cannot do this as that person',
      extensions: { code: 'FORBIDDEN' },
    });
  });

  test('is not left by who impersonates a member', async () => {
    const { admin } = organisation;
    const impersonator = { ...admin, impersonatorId: randomUUID() };

    const leave = `mutation { removeMember(userId: "${admin.userId}") }`;

    expect(codeOf(await harness.request(impersonator, leave))).toBe('FORBIDDEN');
  });

  test('is not given away by a key in its maker’s name', async () => {
    const key: Principal = { ...organisation.admin, kind: 'key', scopes: ['members:manage'] };
    const transfer = 'mutation ($id: ID!) { transferOwnership(userId: $id) { role } }';

    expect(codeOf(await harness.request(key, transfer, { id: memberId }))).toBe('UNAUTHENTICATED');

    const heir = await harness.request(organisation.admin, transfer, { id: memberId });
    expect(heir.data.transferOwnership).toEqual({ role: 'TENANT_ADMIN' });
  });
});
