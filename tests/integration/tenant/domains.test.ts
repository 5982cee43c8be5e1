import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openDatabase, withClient, withDatabase } from '@tessera/service/database';
import { servicePrincipal, type Principal } from '@tessera/service/identity';
import { DataScope } from '@tessera/service/tenancy';
import { createDomainProof } from '@tessera/tenant/domains/domain-proof';
import { recheckDueDomains } from '@tessera/tenant/domains/recheck-domains';
import { tenantSubgraph } from '@tessera/tenant/subgraph';
import { startDnsServer, type DnsServer } from '../../support/dns-server.js';
import { startFakeAuthSubgraph, type FakeAuthSubgraph } from '../../support/fake-auth-subgraph.js';
import { quietLogger } from '../../support/leftovers.js';
import { queryAs } from '../../support/sql-session.js';
import { aUser, startSubgraphHarness, type SubgraphHarness } from '../../support/subgraph-harness.js';
import {
  anOrganisation,
  codeOf,
  codeWhenLetIn,
  invitationSecret,
  invitationTokens,
  platformAdmin,
  type Organisation,
} from './organisation.js';

let dns: DnsServer;
let accounts: FakeAuthSubgraph;
let harness: SubgraphHarness;
let orm: ReturnType<typeof openDatabase>;

beforeAll(async () => {
  [dns, accounts] = await Promise.all([startDnsServer(), startFakeAuthSubgraph()]);
  harness = await startSubgraphHarness(tenantSubgraph, {
    environment: {
      INVITATION_SECRET: invitationSecret,
      MAIL_URL: 'console:',
      AUTH_SUBGRAPH_URL: accounts.url,
      DNS_SERVERS: dns.address,
    },
  });
  orm = openDatabase({ ...tenantSubgraph, url: harness.databaseUrl, poolMax: 2, logger: quietLogger() });
}, 60_000);

afterAll(async () => {
  await orm.close();
  await harness.stop();
  await Promise.all([accounts.stop(), dns.stop()]);
});

const add =
  'mutation ($domain: String!) { addDomain(input: { domain: $domain }) { id domain recordName recordValue } }';
const verify = 'mutation ($id: ID!) { verifyDomain(id: $id) { verifiedAt } }';
const autoJoin =
  'mutation ($id: ID!, $role: String) { setDomainAutoJoin(input: { id: $id, role: $role }) { autoJoinRole } }';
const join = 'mutation ($id: ID!) { joinTenant(tenantId: $id) { role tenant { id } } }';

const aDomain = (): string => `d${randomUUID().slice(0, 8)}.example`;

/** A domain of an organisation, whose record is in DNS. */
async function aRecord({ admin }: Organisation, domain: string): Promise<string> {
  const { data } = await harness.request(admin, add, { domain });
  dns.setText(data.addDomain.recordName, 'v=spf1 -all', data.addDomain.recordValue);
  return data.addDomain.id;
}

describe('a domain', () => {
  test('is proven by its TXT record, and not before that is there', async () => {
    const { admin } = await anOrganisation(harness);
    const domain = aDomain();
    const { data } = await harness.request(admin, add, { domain: domain.toUpperCase() });
    const { id, recordName, recordValue } = data.addDomain;
    const codes = [codeOf(await harness.request(admin, verify, { id }))];
    dns.setText(recordName, 'tessera-domain-verification=somebody-else’s');
    codes.push(codeOf(await harness.request(admin, verify, { id })));
    dns.setBroken(true);
    codes.push(codeOf(await harness.request(admin, verify, { id })));
    dns.setBroken(false);

    dns.setText(recordName, recordValue);
    const verified = await harness.request(admin, verify, { id });

    expect(codes).toEqual(['PRECONDITION_FAILED', 'PRECONDITION_FAILED', 'SUBGRAPH_UNAVAILABLE']);
    expect(data.addDomain).toMatchObject({ domain, recordName: `_tessera-challenge.${domain}` });
    expect(verified.data.verifyDomain.verifiedAt).not.toBeNull();
  }, 60_000);

  test('belongs to one tenant, also where many prove it at once', async () => {
    const another = await harness.startAnother();
    const domain = aDomain();
    // As many as fit into one datagram.
    const organisations = await Promise.all(Array.from({ length: 3 }, () => anOrganisation(harness)));
    const ids: string[] = [];
    const values: string[] = [];
    for (const { admin } of organisations) {
      const { data } = await harness.request(admin, add, { domain });
      ids.push(data.addDomain.id);
      values.push(data.addDomain.recordValue);
    }
    dns.setText(`_tessera-challenge.${domain}`, ...values);

    const codes = await Promise.all(
      organisations.map(({ admin }, index) =>
        codeWhenLetIn(() => (index % 2 === 0 ? harness : another).request(admin, verify, { id: ids[index] })),
      ),
    );

    expect(codes.sort()).toEqual(['CONFLICT', 'CONFLICT', 'ok']);
  }, 120_000);

  test.each(['gmail.com', 'QQ.com', 'localhost', '127.0.0.1', 'a b.com', '-x.com', `${'a.'.repeat(130)}com`])(
    '%s is none that can be proven',
    async (domain) => {
      const { admin } = await anOrganisation(harness);

      expect(codeOf(await harness.request(admin, add, { domain }))).toBe('BAD_USER_INPUT');
    },
  );

  test('is one of as many as the plan allows, for administrators, and nobody else’s to see', async () => {
    const [one, other] = [await anOrganisation(harness), await anOrganisation(harness)];
    const domain = aDomain();
    const id = await aRecord(one, domain);
    const member = aUser({ tenantId: one.tenantId });

    expect(codeOf(await harness.request(one.admin, add, { domain: aDomain() }))).toBe('QUOTA_EXCEEDED');
    expect(codeOf(await harness.request(member, add, { domain: aDomain() }))).toBe('FORBIDDEN');
    expect(codeOf(await harness.request(other.admin, verify, { id }))).toBe('NOT_FOUND');
    expect(codeOf(await harness.request(other.admin, 'mutation ($id: ID!) { removeDomain(id: $id) }', { id }))).toBe(
      'NOT_FOUND',
    );
    const select = 'select domain from email_domain';
    expect(await queryAs(harness.databaseUrl, {}, select)).toEqual([]);
    expect(await queryAs(harness.databaseUrl, { tenantId: other.tenantId }, select)).toEqual([]);
    expect(await queryAs(harness.databaseUrl, { tenantId: one.tenantId }, select)).toEqual([{ domain }]);
  });
});

/** What the daily job does with one domain when a day has passed. @returns how many have lost their proof */
async function daysLater(id: string): Promise<number> {
  await withClient(withDatabase(harness.adminUrl, 'tessera_tenant'), (client) =>
    client.query("update email_domain set checked_at = now() - interval '25 hours' where id = $1", [id]),
  );
  const serviceScope = (tenantId?: string) => new DataScope(orm, servicePrincipal(tenantId));
  const hasProof = createDomainProof([dns.address]);
  return recheckDueDomains({ serviceScope, hasProof, logger: quietLogger() }, new AbortController().signal);
}

describe('joining by a domain', () => {
  test('takes a proven address of a proven domain, and a tenant that wants it', async () => {
    const organisation = await anOrganisation(harness);
    const { admin, tenantId } = organisation;
    const domain = aDomain();
    const id = await aRecord(organisation, domain);
    const [colleague, stranger] = [aUser(), aUser()];
    accounts.setAddress(colleague.userId, `colleague@${domain}`, true);
    accounts.setAddress(stranger.userId, `colleague@sub.${domain}`, true);
    const codeOfJoining = async (person = colleague) => codeOf(await harness.request(person, join, { id: tenantId }));
    const codes: string[] = [];

    await harness.request(admin, autoJoin, { id, role: 'USER' });
    codes.push(await codeOfJoining());
    await harness.request(admin, verify, { id });
    await harness.request(admin, autoJoin, { id });
    codes.push(await codeOfJoining());
    await harness.request(admin, autoJoin, { id, role: 'USER' });
    codes.push(await codeOfJoining(stranger));
    accounts.setAddress(colleague.userId, `colleague@${domain}`, false);
    codes.push(await codeOfJoining());
    accounts.setAddress(colleague.userId, `colleague@${domain}`, true);
    const joined = await harness.request(colleague, join, { id: tenantId });

    expect(codes).toEqual(['NOT_FOUND', 'NOT_FOUND', 'NOT_FOUND', 'PRECONDITION_FAILED']);
    expect(joined.data.joinTenant).toEqual({ role: 'USER', tenant: { id: tenantId } });
  }, 60_000);

  test('ends when the proof was missing three days in a row, and not because no name server answered', async () => {
    const organisation = await anOrganisation(harness);
    const { admin, tenantId } = organisation;
    const domain = aDomain();
    const id = await aRecord(organisation, domain);
    await harness.request(admin, verify, { id });
    await harness.request(admin, autoJoin, { id, role: 'USER' });
    const colleague = aUser();
    accounts.setAddress(colleague.userId, `late@${domain}`, true);

    const lost: number[] = [await daysLater(id)];
    dns.setBroken(true);
    lost.push(await daysLater(id));
    dns.setBroken(false);
    dns.setText(`_tessera-challenge.${domain}`);
    for (let day = 0; day < 2; day += 1) lost.push(await daysLater(id));
    expect((await harness.request(admin, '{ domains { verifiedAt } }')).data.domains[0].verifiedAt).not.toBeNull();
    lost.push(await daysLater(id));

    expect(lost).toEqual([0, 0, 0, 0, 1]);
    expect((await harness.request(admin, '{ domains { verifiedAt } }')).data.domains).toEqual([{ verifiedAt: null }]);
    expect(codeOf(await harness.request(colleague, join, { id: tenantId }))).toBe('NOT_FOUND');
  }, 60_000);
});

describe('who has come without a link', () => {
  const list = '{ joinableTenants { tenantId tenantName role invitationToken expiresAt } }';
  const org = () => anOrganisation(harness);
  const offersFor = async (person: Principal) => (await harness.request(person, list)).data.joinableTenants;

  test('is told, once the address is proven, who has invited it or lets in its domain, and joins by that', async () => {
    const [inviting, open, suspended] = await Promise.all([org(), org(), org()]);
    const domain = aDomain();
    const [person, id] = [aUser(), await aRecord(open, domain)];
    await harness.request(open.admin, verify, { id });
    await harness.request(open.admin, autoJoin, { id, role: 'TENANT_ADMIN' });
    const email = `newcomer@${domain}`;
    const [token] = await invitationTokens(harness, inviting.tenantId, [email, `another@${domain}`]);
    await invitationTokens(harness, suspended.tenantId, [email]);
    const suspend = 'mutation ($id: ID!) { suspendTenant(input: { tenantId: $id, reason: "unpaid" }) { id } }';
    await harness.request(platformAdmin, suspend, { id: suspended.tenantId });

    accounts.setAddress(person.userId, email.toUpperCase(), false);
    expect(await offersFor(person)).toEqual([]);

    accounts.setAddress(person.userId, email.toUpperCase(), true);
    const offers = await offersFor(person);

    expect(offers).toMatchObject([
      { tenantId: inviting.tenantId, tenantName: 'Org', role: 'USER', invitationToken: token },
      { tenantId: open.tenantId, role: 'TENANT_ADMIN', invitationToken: null, expiresAt: null },
    ]);
    const accept = 'mutation ($token: String!) { acceptInvitation(token: $token) { role } }';
    expect(codeOf(await harness.request(person, accept, { token }))).toBe('ok');
    expect(await offersFor(person)).toMatchObject([{ tenantId: open.tenantId }]);
    expect(codeOf(await harness.request(person, join, { id: open.tenantId }))).toBe('ok');
    expect(await offersFor(person)).toEqual([]);
  }, 60_000);

  test('declines what is for them and nobody else’s, and it is gone', async () => {
    const { admin, tenantId } = await anOrganisation(harness);
    const decline = 'mutation ($token: String!) { declineInvitation(token: $token) }';
    const [person, stranger] = [aUser(), aUser()];
    const email = `${person.userId}@example.com`;
    const [token] = await invitationTokens(harness, tenantId, [email], { openToAnyone: true });
    const acting = { ...person, impersonatorId: stranger.userId };

    const codes = [codeOf(await harness.request(acting, list))];
    for (const caller of [stranger, acting, person, person]) {
      codes.push(codeOf(await harness.request(caller, decline, { token })));
    }

    expect(codes).toEqual(['FORBIDDEN', 'FORBIDDEN', 'FORBIDDEN', 'ok', 'NOT_FOUND']);
    const { data } = await harness.request(admin, '{ tenant { invitations { nodes { email status } } } }');
    expect(data.tenant.invitations.nodes).toEqual([{ email, status: 'REVOKED' }]);
  }, 60_000);
});
