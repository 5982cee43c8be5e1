import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { withClient, withDatabase } from '@tessera/service/database';
import type { DomainEvent } from '@tessera/service/events';
import { tenantSubgraph } from '@tessera/tenant/subgraph';
import { startFakeAuthSubgraph, type FakeAuthSubgraph } from '../../support/fake-auth-subgraph.js';
import { startSmtpServer, type CatchingSmtpServer } from '../../support/smtp-server.js';
import { anonymous, aUser, startSubgraphHarness, type SubgraphHarness } from '../../support/subgraph-harness.js';
import { anOrganisation, codeOf, codeWhenLetIn, invitationSecret, invitationTokens } from './organisation.js';

let smtp: CatchingSmtpServer;
let accounts: FakeAuthSubgraph;
let harness: SubgraphHarness;

beforeAll(async () => {
  [smtp, accounts] = await Promise.all([startSmtpServer(), startFakeAuthSubgraph()]);
  harness = await startSubgraphHarness(tenantSubgraph, {
    environment: { INVITATION_SECRET: invitationSecret, MAIL_URL: smtp.url, AUTH_SUBGRAPH_URL: accounts.url },
  });
}, 120_000);

afterAll(async () => {
  await harness.stop();
  await Promise.all([smtp.stop(), accounts.stop()]);
});

const invite =
  'mutation ($input: InviteMemberInput!) { inviteMember(input: $input) { id email role status openToAnyone expiresAt } }';
const accept = 'mutation ($token: String!) { acceptInvitation(token: $token) { role tenant { id } user { id } } }';
/** Reads nothing after the commit: what fails there on a busy machine would look as if nobody had been let in. */
const acceptAlone = 'mutation ($token: String!) { acceptInvitation(token: $token) { role } }';
const resend = 'mutation ($id: ID!) { resendInvitation(input: { id: $id, expiresInDays: 30 }) { status expiresAt } }';

/** Resolves with the first event of a type that another subgraph would receive. */
function nextEvent(type: string): Promise<DomainEvent> {
  return new Promise((resolve) => {
    const consumer = harness.eventBus.subscribe({
      consumer: `test-${type}`,
      types: [type],
      handle: async (event) => {
        resolve(event);
        void consumer.close();
      },
    });
  });
}

const tokenOf = ({ text }: { readonly text: string }): string => /#token=([\w-]+)/.exec(text)?.[1] ?? '';

/** Moves an invitation's clock: as its database's owner, for nobody else can. */
async function setInvitation(id: string, assignments: string): Promise<void> {
  await withClient(withDatabase(harness.adminUrl, 'tessera_tenant'), (client) =>
    client.query(`update invitation set ${assignments} where id = $1`, [id]),
  );
}

describe('invitations', () => {
  test('a person who accepts becomes a member, and the other subgraphs hear of it', async () => {
    const { admin, tenantId } = await anOrganisation(harness);
    const mail = smtp.nextMail(({ recipients }) => recipients.includes('ann@example.com'));
    const invited = await harness.request(admin, invite, { input: { email: 'Ann@Example.com' } });
    expect(invited.data.inviteMember).toMatchObject({ email: 'ann@example.com', role: 'USER', status: 'PENDING' });

    const guest = aUser();
    accounts.setAddress(guest.userId, 'Ann@example.com', true);
    const token = tokenOf(await mail);
    const joined = nextEvent('member.joined');
    const accepted = await harness.request(guest, accept, { token });
    expect(accepted.data.acceptInvitation).toEqual({
      role: 'USER',
      tenant: { id: tenantId },
      user: { id: guest.userId },
    });
    await expect(joined).resolves.toMatchObject({ tenantId });

    expect((await harness.request(guest, accept, { token })).data).toEqual(accepted.data);
    expect(codeOf(await harness.request(aUser(), accept, { token }))).toBe('NOT_FOUND');
    // It is no way back in.
    await harness.request(admin, 'mutation ($id: ID!) { removeMember(userId: $id) }', { id: guest.userId });
    expect(codeOf(await harness.request(guest, accept, { token }))).toBe('NOT_FOUND');
  }, 120_000);

  test('say what they are to who has the link, signed in or not, until they are used', async () => {
    const { tenantId } = await anOrganisation(harness);
    const [token] = await invitationTokens(harness, tenantId, ['eve@example.com']);
    const preview = 'query ($token: String!) { invitation(token: $token) { tenantName email role } }';

    const seen = await harness.request(anonymous, preview, { token });
    const forged = await harness.request(anonymous, preview, { token: `${token?.slice(0, -4)}AAAA` });

    expect(seen.data).toEqual({ invitation: { tenantName: 'Org', email: 'eve@example.com', role: 'USER' } });
    expect(codeOf(forged)).toBe('NOT_FOUND');
  });
});

describe('whoever accepts', () => {
  test('must have the address that was invited, and have proven it', async () => {
    const { tenantId } = await anOrganisation(harness);
    const [token] = await invitationTokens(harness, tenantId, ['bob@example.com']);
    const [thief, bob] = [aUser(), aUser()];
    accounts.setAddress(thief.userId, 'mallory@example.com', true);
    accounts.setAddress(bob.userId, 'bob@example.com', false);

    const codes = [
      codeOf(await harness.request(thief, accept, { token })),
      codeOf(await harness.request(bob, accept, { token })),
    ];
    accounts.setAddress(bob.userId, 'bob@example.com', true);
    codes.push(codeOf(await harness.request(bob, accept, { token })));

    expect(codes).toEqual(['FORBIDDEN', 'PRECONDITION_FAILED', 'ok']);
  });

  test('may have another one where whoever invited has said so', async () => {
    const { admin } = await anOrganisation(harness);
    const mail = smtp.nextMail(({ recipients }) => recipients.includes('desk@example.com'));
    await harness.request(admin, invite, { input: { email: 'desk@example.com', openToAnyone: true } });

    const answer = await harness.request(aUser(), accept, { token: tokenOf(await mail) });

    expect(codeOf(answer)).toBe('ok');
  }, 120_000);

  test('is told so where their address cannot be found out', async () => {
    const { tenantId } = await anOrganisation(harness);
    const [token] = await invitationTokens(harness, tenantId, ['someone@example.com']);

    accounts.setBroken(true);
    const code = codeOf(await harness.request(aUser(), accept, { token }));
    accounts.setBroken(false);

    expect(code).toBe('SUBGRAPH_UNAVAILABLE');
  });

  test('joins once, however often they try at once', async () => {
    const { admin, tenantId } = await anOrganisation(harness);
    const another = await harness.startAnother();
    const guest = aUser();
    const [token] = await invitationTokens(harness, tenantId, ['crowd@example.com'], { openToAnyone: true });

    const codes = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        codeWhenLetIn(() => (index % 2 === 0 ? harness : another).request(guest, acceptAlone, { token })),
      ),
    );

    expect(new Set(codes)).toEqual(new Set(['ok']));
    const { data } = await harness.request(admin, '{ tenant { members { totalCount } } }');
    expect(data.tenant.members.totalCount).toBe(2);
  }, 120_000);
});

describe('an invitation', () => {
  const invited = async (email: string) => {
    const { admin, tenantId } = await anOrganisation(harness);
    const mail = smtp.nextMail(({ recipients }) => recipients.includes(email));
    const { data } = await harness.request(admin, invite, { input: { email } });
    const id: string = data.inviteMember.id;
    return { admin, tenantId, id, token: tokenOf(await mail) };
  };

  test('that has expired lives again when it is sent again, though not twice within a minute', async () => {
    const email = 'late@example.com';
    const { admin, id, token } = await invited(email);
    const guest = aUser();
    accounts.setAddress(guest.userId, email, true);
    await setInvitation(id, "expires_at = now() - interval '1 second'");
    expect(codeOf(await harness.request(guest, accept, { token }))).toBe('NOT_FOUND');
    expect(codeOf(await harness.request(admin, resend, { id }))).toBe('RATE_LIMITED');
    await setInvitation(id, "last_sent_at = now() - interval '61 seconds'");

    const mail = smtp.nextMail(({ recipients }) => recipients.includes(email));
    const sent = await harness.request(admin, resend, { id });

    expect(sent.data.resendInvitation.status).toBe('PENDING');
    expect(tokenOf(await mail)).toBe(token);
    expect(codeOf(await harness.request(guest, accept, { token }))).toBe('ok');
    expect(codeOf(await harness.request(admin, resend, { id }))).toBe('NOT_FOUND');
  }, 120_000);

  test('is not sent for ever', async () => {
    const { admin, id } = await invited('often@example.com');
    await setInvitation(id, "sent_count = 10, last_sent_at = now() - interval '1 hour'");

    expect(codeOf(await harness.request(admin, resend, { id }))).toBe('QUOTA_EXCEEDED');
  }, 120_000);

  test('is taken back by another one to the same address, and its link is dead', async () => {
    const email = 'twice@example.com';
    const { admin, tenantId, token } = await invited(email);
    const guest = aUser();
    accounts.setAddress(guest.userId, email, true);

    await harness.request(admin, invite, { input: { email, role: 'TENANT_ADMIN' } });

    expect(codeOf(await harness.request(guest, accept, { token }))).toBe('NOT_FOUND');
    const { data } = await harness.request(admin, '{ tenant { invitations { nodes { role status } } } }');
    expect(data.tenant.invitations.nodes).toEqual([
      { role: 'TENANT_ADMIN', status: 'PENDING' },
      { role: 'USER', status: 'REVOKED' },
    ]);
    expect(tenantId).toBeDefined();
  }, 120_000);

  test.each([
    ['no address', { email: 'nowhere' }],
    ['a life that is too long', { email: 'a@example.com', expiresInDays: 31 }],
    ['a role of the platform', { email: 'a@example.com', role: 'SUPER_ADMIN' }],
  ])('with %s is refused', async (_what, input) => {
    const { admin } = await anOrganisation(harness);

    expect(codeOf(await harness.request(admin, invite, { input }))).toBe('BAD_USER_INPUT');
  });
});

test('of many invitations at once only as many wait as the plan allows', async () => {
  const { admin, tenantId } = await anOrganisation(harness);
  await invitationTokens(
    harness,
    tenantId,
    Array.from({ length: 45 }, (_, index) => `waiting-${index}@example.com`),
  );

  const codes = await Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      codeWhenLetIn(() => harness.request(admin, invite, { input: { email: `more-${index}@example.com` } })),
    ),
  );

  expect(codes.filter((code) => code === 'ok')).toHaveLength(5);
  expect(codes.filter((code) => code === 'QUOTA_EXCEEDED')).toHaveLength(15);
}, 120_000);

describe('while the secret of invitations is replaced', () => {
  const next = 'the-secret-that-takes-the-place-of-that-one';
  const tokenBy = async (secret: string): Promise<string> => {
    const { tenantId } = await anOrganisation(harness);
    const [token = ''] = await invitationTokens(harness, tenantId, ['x@example.com'], { openToAnyone: true, secret });
    return token;
  };
  /** Whether an instance takes the links of a secret. */
  const codeAt = async (instance: Pick<SubgraphHarness, 'request'>, secret: string): Promise<string> => {
    const token = await tokenBy(secret);
    return codeWhenLetIn(() => instance.request(aUser(), acceptAlone, { token }));
  };

  test('links of either are good at every instance that accepts both, and at no other', async () => {
    const accepting = await harness.startAnother({ INVITATION_SECRET: `${invitationSecret},${next}` });
    const switched = await harness.startAnother({ INVITATION_SECRET: `${next},${invitationSecret}` });
    const done = await harness.startAnother({ INVITATION_SECRET: next });

    for (const instance of [accepting, switched]) {
      expect(await codeAt(instance, invitationSecret)).toBe('ok');
      expect(await codeAt(instance, next)).toBe('ok');
    }
    expect(await codeAt(done, next)).toBe('ok');
    expect(await codeAt(done, invitationSecret)).toBe('NOT_FOUND');
    expect(await codeAt(harness, next)).toBe('NOT_FOUND');
  }, 120_000);
});
