import { expect, test } from '@jest/globals';
import { eventually } from '../../support/eventually.js';
import { ask, send } from '../../support/graphql-client.js';
import { signUp, switchTenant, type Person } from '../people.js';
import type { Organisation } from './organisation.js';

/** Somebody founds it, people come, its plan becomes too small, and it buys a larger one. */
export function defineGrowing(of: () => Organisation): void {
  test('somebody founds it, and is the one who runs it', async () => {
    const { asFounder, tenantId } = of();

    const { data } = await asFounder(
      '{ tenant { id name status plan members { nodes { role user { displayName } } } } }',
    );

    expect(data.tenant).toEqual({
      ...{ id: tenantId, name: 'Orchard', status: 'ACTIVE', plan: 'free' },
      members: { nodes: [{ role: 'TENANT_ADMIN', user: { displayName: 'Fay Founder' } }] },
    });
  });

  test('a person is invited, and nobody else gets in by that invitation', async () => {
    const { origin, asFounder, readInvitation, tenantId } = of();
    const [guest, thief] = await Promise.all([signUp(origin, 'Gus Guest'), signUp(origin, 'Ted Thief')]);
    await asFounder('mutation ($input: InviteMemberInput!) { inviteMember(input: $input) { id } }', {
      input: { email: guest.email },
    });
    const token = await readInvitation(guest.email);
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
    await switchTenant(origin, guest.accessToken, tenantId);
  });

  test('a person who lost the mail of an invitation finds it once the address is proven, and comes in', async () => {
    const { origin, asFounder, readInvitation } = of();
    const { email, accessToken } = await signUp(origin, 'Wanda Wanderer');
    const asWanderer = (query: string, variables: object = {}) =>
      send(origin, { query, variables, token: accessToken });
    const offers = async () =>
      (await asWanderer('{ joinableTenants { tenantName invitationToken } }')).data.joinableTenants;
    const invite = 'mutation ($input: InviteMemberInput!) { inviteMember(input: $input) { id } }';
    await asWanderer('mutation { requestEmailVerification }');
    // The first mail to that address; the invitation's is the next.
    const proof = await readInvitation(email);
    await asFounder(invite, { input: { email } });
    expect(await offers()).toEqual([]);

    await asWanderer('mutation ($token: String!) { verifyEmail(token: $token) }', { token: proof });
    const [offer] = await offers();

    expect(offer.tenantName).toBe('Orchard');
    const accept = 'mutation ($token: String!) { acceptInvitation(token: $token) { role } }';
    const accepted = await asWanderer(accept, { token: offer.invitationToken });
    expect(accepted.data).toEqual({ acceptInvitation: { role: 'USER' } });
  });

  test('it proves its domain, and a colleague with a proven address joins by it', async () => {
    const { origin, colleague, tenantId, asFounder, nameServer, readInvitation } = of();
    const asColleague = (query: string, variables: object = {}) =>
      send(origin, { query, variables, token: colleague.accessToken });
    const join = () => asColleague('mutation ($id: ID!) { joinTenant(tenantId: $id) { role } }', { id: tenantId });
    const added = await asFounder(
      'mutation ($domain: String!) { addDomain(input: { domain: $domain }) { id recordName recordValue } }',
      { domain: colleague.email.split('@')[1] },
    );
    const { id, recordName, recordValue } = added.data.addDomain;

    nameServer.setText(recordName, recordValue);
    await asFounder('mutation ($id: ID!) { verifyDomain(id: $id) { verifiedAt } }', { id });
    await asFounder('mutation ($id: ID!) { setDomainAutoJoin(input: { id: $id, role: "USER" }) { id } }', { id });

    expect((await join()).code).toBe('PRECONDITION_FAILED');
    await asColleague('mutation { requestEmailVerification }');
    await asColleague('mutation ($token: String!) { verifyEmail(token: $token) }', {
      token: await readInvitation(colleague.email),
    });
    expect((await asColleague('{ joinableTenants { tenantId tenantName role invitationToken } }')).data).toEqual({
      joinableTenants: [{ tenantId, tenantName: 'Orchard', role: 'USER', invitationToken: null }],
    });
    expect((await join()).data).toEqual({ joinTenant: { role: 'USER' } });
  });

  test('it is warned at four fifths of its events, stopped at all of them, pays for a larger plan, and goes on', async () => {
    const { asFounder, toldOf } = of();
    const track = (count: number) =>
      asFounder('mutation ($events: [TrackEventInput!]!) { track(input: { events: $events }) { accepted } }', {
        events: Array.from({ length: count }, () => ({ name: 'apple.picked' })),
      });
    // What its plan allows is known everywhere a moment after it was made.
    await eventually(async () => (await eventsOf(of()))?.limit === 2_000, 20_000);

    expect((await track(1_000)).data).toEqual({ track: { accepted: 1_000 } });
    expect(await toldOf('QUOTA_WARNING')).toEqual([]);
    expect((await track(600)).data).toEqual({ track: { accepted: 600 } });
    await eventually(async () => (await toldOf('QUOTA_WARNING')).length === 1, 30_000);
    expect(await toldOf('QUOTA_WARNING')).toMatchObject([{ meter: 'EVENTS', percent: 80, used: 1_600, limit: 2_000 }]);

    expect((await track(400)).data).toEqual({ track: { accepted: 400 } });
    expect((await track(1)).code).toBe('QUOTA_EXCEEDED');
    expect(await eventsOf(of())).toMatchObject({ used: 2_000, limit: 2_000 });

    const bought = await asFounder(
      'mutation { checkout(input: { plan: "pro" }) { payment { status price { amount currency } } } }',
    );
    expect(bought.data.checkout.payment).toEqual({ status: 'PENDING', price: { amount: 4_900, currency: 'USD' } });
    await eventually(async () => (await track(1)).code === undefined, 30_000);
    expect(await eventsOf(of())).toMatchObject({ used: 2_001, limit: 1_000_000 });
  }, 120_000);

  test('it agrees with the platform on the largest plan', async () => {
    const { origin, asFounder, asPlatform, platformToken, tenantId } = of();
    const before = await asFounder('{ tenant { plan limits { seats } } }');

    await asPlatform('mutation ($input: ChangePlanInput!) { changePlan(input: $input) { plan } }', {
      plan: 'enterprise',
    });

    const after = await asFounder('{ tenant { plan features limits { seats } } }');
    const listed = await ask(origin, {
      query: '{ tenants(search: "orchard", plan: "enterprise") { nodes { id name status limits { seats } } } }',
      token: platformToken,
    });
    expect(listed.tenants.nodes).toEqual([
      { id: tenantId, name: 'Orchard', status: 'ACTIVE', limits: { seats: null } },
    ]);
    expect(before.data.tenant).toEqual({ plan: 'pro', limits: { seats: 250 } });
    expect(after.data.tenant).toMatchObject({ plan: 'enterprise', limits: { seats: null } });
    expect(after.data.tenant.features).toContain('custom-roles');
  });
}

interface Meter {
  readonly meter: string;
  readonly used: number;
  readonly limit: number | null;
}

/** How many events it has tracked in this month, and may. */
async function eventsOf({ asFounder }: Organisation): Promise<Meter | undefined> {
  const { data } = await asFounder('{ tenant { usage { meters { meter used limit } } } }');
  const meters: readonly Meter[] = data.tenant.usage.meters;
  return meters.find(({ meter }) => meter === 'EVENTS');
}
