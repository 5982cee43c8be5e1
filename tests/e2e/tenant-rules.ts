import { beforeAll, expect, test } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { ask, send } from '../support/graphql-client.js';
import { openLiveSocket } from '../support/live-socket.js';
import { foundTeam, type PlatformUnderTest, type Team } from './people.js';
import { platformAdminToken } from './platform-admin.js';

const update = `mutation ($input: UpdateSecurityPolicyInput!) { updateSecurityPolicy(input: $input) { version } }`;
const refresh = 'mutation ($token: String!) { refreshTokens(refreshToken: $token) { accessToken refreshToken } }';

/** What a tenant asks of those who act in it, and what its groups let them do: each bites within moments, on all that is open. */
export function defineTenantRules(platform: () => PlatformUnderTest): void {
  let origin: string;
  let team: Team;

  beforeAll(async () => {
    ({ origin } = platform());
    team = await foundTeam(platform(), 'Vault');
  }, 60_000);

  const asAdmin = (query: string, variables: object = {}) =>
    send(origin, { query, variables, token: team.admin.accessToken });
  const reasonFor = async (token: string) => {
    const { code, errors } = await send(origin, { query: '{ tenant { name } }', token });
    return code && `${code} ${String(errors?.[0]?.extensions.details?.['reason'])}`;
  };

  test('a security policy that locks its author out is refused, and forced it bites', async () => {
    const socket = await openLiveSocket(origin, team.member.accessToken);
    const stream = socket.subscribe('subscription { alerts { status } }');
    const input = { signInWays: ['passkey'], networks: ['127.0.0.0/8', '::/64'] };

    const refused = await asAdmin(update, { input });
    const forced = await asAdmin(update, { input: { ...input, force: true } });

    expect(refused.errors?.[0]?.extensions).toMatchObject({
      code: 'PRECONDITION_FAILED',
      details: { reason: 'WOULD_LOCK_OUT', refusal: 'SIGN_IN_WAY_NOT_ALLOWED' },
    });
    expect(forced.data).toEqual({ updateSecurityPolicy: { version: 1 } });
    await eventually(async () => (await reasonFor(team.member.accessToken)) === 'FORBIDDEN SIGN_IN_WAY_NOT_ALLOWED');
    await expect(stream.first(() => false)).rejects.toMatchObject({ cause: [{ extensions: { code: 'FORBIDDEN' } }] });
    await socket.close();
  });

  test('whoever is refused is still themselves, and cannot enter again', async () => {
    const token = team.member.accessToken;

    const { me } = await ask(origin, { query: '{ me { id memberships { tenant { id } } } }', token });
    const query = 'mutation ($id: ID!) { switchTenant(tenantId: $id) { accessToken } }';
    const entering = await send(origin, { query, variables: { id: team.tenantId }, token });

    expect(me).toEqual({ id: team.member.id, memberships: [{ tenant: { id: team.tenantId } }] });
    expect(entering.errors?.[0]?.extensions).toMatchObject({
      code: 'FORBIDDEN',
      details: { reason: 'SIGN_IN_WAY_NOT_ALLOWED', allowed: ['passkey'] },
    });
  });

  test('the platform lets everybody in again', async () => {
    const query = 'mutation ($input: ResetSecurityPolicyInput!) { resetSecurityPolicy(input: $input) { id } }';
    const variables = { input: { tenantId: team.tenantId, reason: 'They locked themselves out' } };

    await ask(origin, { query, variables, token: await platformAdminToken(origin) });

    await eventually(async () => (await reasonFor(team.member.accessToken)) === undefined);
  });

  test('a group with a role gives its members its rights with the next token, and takes the old token at once', async () => {
    const { accessToken, refreshToken, id } = team.member;
    const group = await asAdmin('mutation { createGroup(input: { name: "Leads", role: "TENANT_ADMIN" }) { id } }');
    const { id: groupId } = (group.data as { createGroup: { id: string } }).createGroup;
    const adding = 'mutation ($input: GroupMembersInput!) { addGroupMembers(input: $input) { id } }';
    const can = '{ can(permissions: ["members:manage"]) }';
    const before = await ask(origin, { query: can, token: accessToken });

    await asAdmin(adding, { input: { groupId, userIds: [id] } });
    await eventually(async () => (await send(origin, { query: can, token: accessToken })).code === 'UNAUTHENTICATED');
    const { refreshTokens: tokens } = await ask(origin, { query: refresh, variables: { token: refreshToken } });
    const within = await ask(origin, { query: can, token: tokens.accessToken });

    expect([before, within]).toEqual([{ can: false }, { can: true }]);
  });
}
