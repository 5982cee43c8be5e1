import { beforeAll, expect, test } from '@jest/globals';
import { eventually } from '../support/eventually.js';
import { ask, send } from '../support/graphql-client.js';
import { foundTeam, signIn, switchTenant, type PlatformUnderTest, type Team } from './people.js';
import { signUpPlatformAdmin } from './platform-admin.js';
import { watchEveryWay } from './watch-every-way.js';

/** How everything ends of who has other rights now. */
const sentAway = { socket: 4403, eventStream: 'UNAUTHENTICATED', multipart: 'UNAUTHENTICATED' };

/** The same of who is signed out. */
const endedSession = { ...sentAway, socket: 4401 };

const filesQuery = '{ files { totalCount } tenant { name } }';

/** Members who are locked out of their tenant, and let in again. */
export function defineDeactivation(platform: () => PlatformUnderTest): void {
  let origin: string;
  let team: Team;

  beforeAll(async () => {
    origin = platform().origin;
    team = await foundTeam(platform(), 'Harbour');
  }, 60_000);

  const asAdmin = (query: string) =>
    ask(origin, { query, variables: { id: team.member.id }, token: team.admin.accessToken });

  test('who manages members sees how active they are and what they store, from three subgraphs; a member their own alone', async () => {
    const query = `{ tenant { members { nodes {
      user { id signInCount activity { activeDays } storageUsed { files } }
    } } } }`;
    const ask = async (token: string) => {
      const { data } = await send(origin, { query, token });
      type Shown = {
        user: { id: string; signInCount: number | null; activity: object | null; storageUsed: object | null };
      };
      return new Map((data.tenant.members.nodes as Shown[]).map(({ user: { id, ...shown } }) => [id, shown]));
    };
    const { admin, member } = team;
    const isTold = async () => (await ask(admin.accessToken)).get(member.id)?.activity != null;
    // Gateways report a moment later who has called.
    await eventually(async () => (await ask(member.accessToken)).size === 2 && (await isTold()), 30_000);

    const [seenByAdmin, seenByMember] = [await ask(admin.accessToken), await ask(member.accessToken)];

    const seen = { activity: { activeDays: 1 }, storageUsed: { files: 0 } };
    expect(seenByAdmin.get(member.id)).toEqual({ ...seen, signInCount: null });
    expect(seenByMember.get(member.id)).toEqual({ ...seen, signInCount: 1 });
    expect(seenByMember.get(admin.id)).toEqual({ activity: null, storageUsed: null, signInCount: null });
  });

  test('a member who is deactivated is out at once, however they watch it, and stays out', async () => {
    const { member, tenantId } = team;
    const endings = await watchEveryWay(origin, member.accessToken);

    await asAdmin('mutation ($id: ID!) { deactivateMember(userId: $id) { status } }');

    expect(await endings()).toEqual(sentAway);
    await eventually(
      async () => (await send(origin, { query: filesQuery, token: member.accessToken })).code === 'UNAUTHENTICATED',
    );
    const { accessToken: token } = await signIn(origin, member);
    const query = 'mutation ($id: ID!) { switchTenant(tenantId: $id) { accessToken } }';
    expect((await send(origin, { query, variables: { id: tenantId }, token })).code).toBe('FORBIDDEN');
    const { me } = await ask(origin, { query: '{ me { memberships { status tenant { name } } } }', token });
    expect(me.memberships).toEqual([{ status: 'DEACTIVATED', tenant: { name: 'Harbour' } }]);
  });

  test('their administrator sees who they are, finds them, and lets them in again, with the same role', async () => {
    const { member, tenantId } = team;
    const seen = await ask(origin, {
      query: '{ tenant { members(status: DEACTIVATED) { nodes { role user { displayName email } } } } }',
      token: team.admin.accessToken,
    });
    const search = '{ users(status: DEACTIVATED, search: "Max") { nodes { displayName } } }';
    // Where people are searched it is heard of a moment later.
    await eventually(async () => (await asAdmin(search)).users.nodes[0]?.displayName === 'Max Member');

    await asAdmin('mutation ($id: ID!) { reactivateMember(userId: $id) { status } }');

    const { accessToken } = await switchTenant(origin, (await signIn(origin, member)).accessToken, tenantId);
    expect(seen).toEqual({
      tenant: { members: { nodes: [{ role: 'USER', user: { displayName: 'Max Member', email: member.email } }] } },
    });
    expect((await send(origin, { query: filesQuery, token: accessToken })).data).toEqual({
      files: { totalCount: 0 },
      tenant: { name: 'Harbour' },
    });
  });

  test('a person whose account is deactivated is signed out everywhere at once, and cannot sign in until it is reactivated', async () => {
    const { member, tenantId } = team;
    const { accessToken } = await switchTenant(origin, (await signIn(origin, member)).accessToken, tenantId);
    const endings = await watchEveryWay(origin, accessToken);
    const query =
      'mutation ($input: SignInInput!) { signIn(input: $input) { ... on SignedIn { tokens { accessToken } } } }';
    const signInAgain = (email: string) =>
      send(origin, { query, variables: { input: { email, password: 'correct horse battery staple' } } });
    const platformToken = await signUpPlatformAdmin(origin);
    const change = (verb: string) =>
      ask(origin, {
        query: `mutation ($input: AccountStatusInput!) { ${verb}Account(input: $input) { userId } }`,
        variables: { input: { userId: member.id, reason: 'ticket 7' } },
        token: platformToken,
      });

    const deactivated = await change('deactivate');

    expect(deactivated.deactivateAccount.userId).toBe(member.id);
    expect(await endings()).toEqual(endedSession);
    expect((await send(origin, { query: filesQuery, token: accessToken })).code).toBe('UNAUTHENTICATED');
    expect((await signInAgain(member.email)).code).toBe('FORBIDDEN');
    await change('reactivate');
    expect((await signInAgain(member.email)).code).toBeUndefined();
  });
}
