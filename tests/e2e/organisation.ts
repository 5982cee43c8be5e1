import { beforeAll, expect, test } from '@jest/globals';
import type { DnsServer } from '../support/dns-server.js';
import { eventually } from '../support/eventually.js';
import { ask, send } from '../support/graphql-client.js';
import { openLiveSocket } from '../support/live-socket.js';
import {
  createTenant,
  signIn,
  signUp,
  switchTenant,
  type Person,
  type PlatformUnderTest,
  type Tokens,
} from './people.js';
import { watchEveryWay } from './watch-every-way.js';

/** Who signs up with this address runs the platform, where it is set so. */
export const platformAdminEmail = 'platform@example.com';

/** How everything ends of who has other rights now. */
const sentAway = { socket: 4403, eventStream: 'UNAUTHENTICATED', multipart: 'UNAUTHENTICATED' };

const filesQuery = '{ files { totalCount } tenant { name } }';

/** The life of an organisation, step by step; each test goes on where the one before ended. */
export function defineOrganisation(
  platform: () => PlatformUnderTest,
  nameServer: () => Pick<DnsServer, 'setText'>,
): void {
  let origin: string;
  let founder: Person & { readonly tenantId: string };
  let colleague: Person;
  let platformToken: string;

  beforeAll(async () => {
    origin = platform().origin;
    platformToken = await signUpPlatformAdmin(origin);
    const person = await signUp(origin, 'Fay Founder');
    founder = { ...person, ...(await createTenant(origin, person, 'Orchard')) };
  }, 60_000);

  const asFounder = (query: string, variables: object = {}) =>
    send(origin, { query, variables, token: founder.accessToken });
  const asPlatform = (query: string, variables: object) =>
    ask(origin, { query, variables: { input: { tenantId: founder.tenantId, ...variables } }, token: platformToken });

  test('a person is invited, and nobody else gets in by that invitation', async () => {
    const [guest, thief] = await Promise.all([signUp(origin, 'Gus Guest'), signUp(origin, 'Ted Thief')]);
    await asFounder('mutation ($input: InviteMemberInput!) { inviteMember(input: $input) { id } }', {
      input: { email: guest.email },
    });
    const token = await platform().readInvitation(guest.email);
    const accept = (person: Person) =>
      send(origin, {
        query: 'mutation ($token: String!) { acceptInvitation(token: $token) { role } }',
        variables: { token },
        token: person.accessToken,
      });

    const page = await fetch(`${origin}/invitations/accept`);
    const preview = await ask(origin, {
      query: 'query ($token: String!) { invitation(token: $token) { tenantName email } }',
      variables: { token },
    });

    expect(page.status).toBe(200);
    expect(preview).toEqual({ invitation: { tenantName: 'Orchard', email: guest.email } });
    expect((await accept(thief)).code).toBe('FORBIDDEN');
    expect((await accept(guest)).data).toEqual({ acceptInvitation: { role: 'USER' } });
    await switchTenant(origin, guest.accessToken, founder.tenantId);
  });

  test('it proves its domain, and a colleague with a proven address joins by it', async () => {
    colleague = await signUp(origin, 'Cleo Colleague');
    const asColleague = (query: string, variables: object = {}) =>
      send(origin, { query, variables, token: colleague.accessToken });
    const join = () =>
      asColleague('mutation ($id: ID!) { joinTenant(tenantId: $id) { role } }', { id: founder.tenantId });
    const added = await asFounder(
      'mutation ($domain: String!) { addDomain(input: { domain: $domain }) { id recordName recordValue } }',
      { domain: colleague.email.split('@')[1] },
    );
    const { id, recordName, recordValue } = added.data.addDomain;

    nameServer().setText(recordName, recordValue);
    await asFounder('mutation ($id: ID!) { verifyDomain(id: $id) { verifiedAt } }', { id });
    await asFounder('mutation ($id: ID!) { setDomainAutoJoin(input: { id: $id, role: "USER" }) { id } }', { id });

    expect((await join()).code).toBe('PRECONDITION_FAILED');
    await asColleague('mutation { requestEmailVerification }');
    await asColleague('mutation ($token: String!) { verifyEmail(token: $token) }', {
      token: await platform().readInvitation(colleague.email),
    });
    expect((await join()).data).toEqual({ joinTenant: { role: 'USER' } });
  });

  test('it uses up the events of its plan, buys a larger one, and goes on', async () => {
    const track = (count: number) =>
      asFounder('mutation ($events: [TrackEventInput!]!) { track(input: { events: $events }) { accepted } }', {
        events: Array.from({ length: count }, () => ({ name: 'apple.picked' })),
      });
    // What its plan allows is known everywhere a moment after it was made.
    await eventually(async () => (await eventsOf(origin, founder))?.limit === 2_000, 20_000);

    expect((await track(1_000)).data).toEqual({ track: { accepted: 1_000 } });
    expect((await track(1_000)).data).toEqual({ track: { accepted: 1_000 } });
    expect((await track(1)).code).toBe('QUOTA_EXCEEDED');
    expect(await eventsOf(origin, founder)).toMatchObject({ used: 2_000, limit: 2_000 });

    const bought = await asFounder(
      'mutation { checkout(input: { plan: "pro" }) { payment { status price { amount currency } } } }',
    );
    expect(bought.data.checkout.payment).toEqual({ status: 'PENDING', price: { amount: 4_900, currency: 'USD' } });
    await eventually(async () => (await track(1)).code === undefined, 30_000);
    expect(await eventsOf(origin, founder)).toMatchObject({ used: 2_001, limit: 1_000_000 });
  }, 60_000);

  test('it gets a larger plan', async () => {
    const before = await asFounder('{ tenant { plan limits { seats } } }');

    await asPlatform('mutation ($input: ChangePlanInput!) { changePlan(input: $input) { plan } }', {
      plan: 'enterprise',
    });

    const after = await asFounder('{ tenant { plan features limits { seats } } }');
    expect(before.data.tenant).toEqual({ plan: 'pro', limits: { seats: 250 } });
    expect(after.data.tenant).toMatchObject({ plan: 'enterprise', limits: { seats: null } });
    expect(after.data.tenant.features).toContain('custom-roles');
  });

  test('somebody of the platform acts as the founder, seen by the founder, who ends it at once, sockets too', async () => {
    const reason = 'The founder asked for help';
    const { impersonate } = await ask(origin, {
      query: `mutation ($input: ImpersonateInput!) {
        impersonate(input: $input) { impersonation { sessionId } tokens { accessToken } }
      }`,
      variables: { input: { userId: founder.id, tenantId: founder.tenantId, reason, minutes: 5 } },
      token: platformToken,
    });
    const { accessToken: token } = impersonate.tokens;
    const asSupport = (query: string) => send(origin, { query, token });
    const socket = await openLiveSocket(origin, token);

    const seen = await asSupport('{ me { displayName } tenant { name } impersonation { reason } }');
    const leaving = await asSupport('mutation { createTenant(input: { name: "X", slug: "x-of-support" }) { id } }');
    const { me } = await ask(origin, {
      query: '{ me { sessions { id impersonation { reason } } } }',
      token: founder.accessToken,
    });
    await asFounder('mutation ($id: ID!) { revokeSession(id: $id) }', { id: impersonate.impersonation.sessionId });

    expect(seen.data).toEqual({
      me: { displayName: 'Fay Founder' },
      tenant: { name: 'Orchard' },
      impersonation: { reason },
    });
    expect(leaving.code).toBe('FORBIDDEN');
    expect(me.sessions).toContainEqual({ id: impersonate.impersonation.sessionId, impersonation: { reason } });
    expect(await socket.closed).toMatchObject({ code: 4401 });
    await eventually(async () => (await asSupport('{ me { id } }')).code === 'UNAUTHENTICATED');
    expect((await asFounder('{ me { id } }')).code).toBeUndefined();
  });

  test('a service is switched off and on again: its fields, and what is open of it', async () => {
    const set = (services: readonly string[]) =>
      asPlatform('mutation ($input: SetEnabledServicesInput!) { setEnabledServices(input: $input) { id } }', {
        services,
      });
    const socket = await openLiveSocket(origin, founder.accessToken);
    const metrics = socket.subscribe('subscription { liveMetrics(intervalMs: 250) { at } }');
    await metrics.first(() => true);

    await set(['user', 'storage']);

    await expect(metrics.first(() => false)).rejects.toMatchObject({
      cause: [{ extensions: { code: 'SERVICE_DISABLED' } }],
    });
    expect(await asFounder('{ alerts { totalCount } }')).toMatchObject({ code: 'SERVICE_DISABLED' });
    expect(await asFounder(filesQuery)).toMatchObject({
      data: { files: { totalCount: 0 }, tenant: { name: 'Orchard' } },
    });

    await set(['user', 'storage', 'analytics']);
    await eventually(async () => (await asFounder('{ alerts { totalCount } }')).code === undefined);
    await socket.close();
  });

  test('it is suspended: nobody is in it any more, however they watch it, nor gets in', async () => {
    const endings = await watchEveryWay(origin, founder.accessToken);

    await asPlatform('mutation ($input: SuspendTenantInput!) { suspendTenant(input: $input) { status } }', {
      reason: 'unpaid',
    });

    expect(await endings()).toEqual(sentAway);
    await eventually(async () => (await asFounder(filesQuery)).code === 'UNAUTHENTICATED');
    const { accessToken } = await signIn(origin, founder);
    const back = await send(origin, {
      query: 'mutation ($id: ID!) { switchTenant(tenantId: $id) { accessToken } }',
      variables: { id: founder.tenantId },
      token: accessToken,
    });
    expect(back.code).toBe('FORBIDDEN');
  });

  test('it is resumed, and has everything that it had', async () => {
    await asPlatform('mutation ($input: ResumeTenantInput!) { resumeTenant(input: $input) { status } }', {});

    const tokens: Tokens[] = [];
    const { accessToken } = await signIn(origin, founder);
    await eventually(async () => {
      tokens.push(await switchTenant(origin, accessToken, founder.tenantId));
      return true;
    });

    const { tenant } = await ask(origin, {
      query: '{ tenant { status plan members { nodes { role user { displayName } } } } }',
      token: tokens.at(-1)?.accessToken,
    });
    expect(tenant).toEqual({
      status: 'ACTIVE',
      plan: 'enterprise',
      members: {
        nodes: [
          { role: 'TENANT_ADMIN', user: { displayName: 'Fay Founder' } },
          { role: 'USER', user: { displayName: 'Gus Guest' } },
          { role: 'USER', user: { displayName: 'Cleo Colleague' } },
        ],
      },
    });
  });

  test('who is removed from it is out at once, however they watch it', async () => {
    const admin = await switchTenant(origin, (await signIn(origin, founder)).accessToken, founder.tenantId);
    const { accessToken } = await switchTenant(origin, (await signIn(origin, colleague)).accessToken, founder.tenantId);
    const endings = await watchEveryWay(origin, accessToken);

    await ask(origin, {
      query: 'mutation ($id: ID!) { removeMember(userId: $id) }',
      variables: { id: colleague.id },
      token: admin.accessToken,
    });

    expect(await endings()).toEqual(sentAway);
    expect((await send(origin, { query: filesQuery, token: accessToken })).code).toBe('UNAUTHENTICATED');
  });
}

/** How many events the tenant of a person has tracked in this month, and may. */
async function eventsOf(
  origin: string,
  { accessToken: token }: Person,
): Promise<{ readonly used: number; readonly limit: number | null } | undefined> {
  const { tenant } = await ask(origin, { query: '{ tenant { usage { meters { meter used limit } } } }', token });
  const meters: readonly { meter: string; used: number; limit: number | null }[] = tenant.usage.meters;
  return meters.find(({ meter }) => meter === 'EVENTS');
}

async function signUpPlatformAdmin(origin: string): Promise<string> {
  const { signUp: payload } = await ask(origin, {
    query: 'mutation ($input: SignUpInput!) { signUp(input: $input) { tokens { accessToken } } }',
    variables: {
      input: { email: platformAdminEmail, password: 'correct horse battery staple', displayName: 'Pat Platform' },
    },
  });
  return payload.tokens.accessToken;
}
