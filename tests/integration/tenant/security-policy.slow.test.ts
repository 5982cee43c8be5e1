import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { auditEventType } from '@tessera/service/audit';
import { withClient, withDatabase } from '@tessera/service/database';
import { AppError } from '@tessera/service/errors';
import type { DomainEvent } from '@tessera/service/events';
import { servicePrincipal, tenantChangesChannel } from '@tessera/service/identity';
import { securityPolicyEventType } from '@tessera/service/security-policy';
import { announcePoliciesSql } from '@tessera/tenant/migrations/0020-announced-policies';
import { tenantSubgraph } from '@tessera/tenant/subgraph';
import { eventually } from '../../support/eventually.js';
import { startFakeAuthSubgraph, type FakeAuthSubgraph } from '../../support/fake-auth-subgraph.js';
import { queryAs } from '../../support/sql-session.js';
import { aUser, startSubgraphHarness, type SubgraphHarness } from '../../support/subgraph-harness.js';
import { anOrganisation, codeOf, codeWhenLetIn, invitationSecret, platformAdmin } from './organisation.js';

// A busy machine takes ten times as long as an idle one.
jest.setTimeout(120_000);

let accounts: FakeAuthSubgraph;
let harness: SubgraphHarness;
const published: DomainEvent[] = [];

beforeAll(async () => {
  accounts = await startFakeAuthSubgraph();
  harness = await startSubgraphHarness(tenantSubgraph, {
    environment: { INVITATION_SECRET: invitationSecret, MAIL_URL: 'console:', AUTH_SUBGRAPH_URL: accounts.url },
  });
  harness.eventBus.subscribe({
    consumer: 'watcher',
    types: [securityPolicyEventType, auditEventType],
    handle: async (event) => void published.push(event),
  });
}, 120_000);

afterAll(async () => {
  await harness.stop();
  await accounts.stop();
});

const rules = 'version isMfaRequired maxSessionMinutes maxIdleMinutes signInWays networks';
const get = `{ tenant { securityPolicy { ${rules} } } }`;
const update = `mutation ($input: UpdateSecurityPolicyInput!) { updateSecurityPolicy(input: $input) { ${rules} } }`;
const reset = 'mutation ($id: ID!) { resetSecurityPolicy(input: { tenantId: $id, reason: "locked out" }) { id } }';

const nothing = {
  version: 0,
  isMfaRequired: false,
  maxSessionMinutes: null,
  maxIdleMinutes: null,
  signInWays: [],
  networks: [],
};

describe('the security policy of a tenant', () => {
  test('asks for nothing until it is set, and is replaced as a whole', async () => {
    const { admin } = await anOrganisation(harness);
    const states = [(await harness.request(admin, get)).data.tenant.securityPolicy];
    const set = async (input: object) =>
      states.push((await harness.request(admin, update, { input })).data.updateSecurityPolicy);

    await set({ maxSessionMinutes: 60, maxIdleMinutes: 15, signInWays: ['password', 'oidc:acme', 'password'] });
    await set({ isMfaRequired: true, networks: ['10.0.0.0/8'], force: true, expectedVersion: 1 });
    states.push((await harness.request(admin, get)).data.tenant.securityPolicy);

    const second = { ...nothing, version: 2, isMfaRequired: true, networks: ['10.0.0.0/8'] };
    expect(states).toEqual([
      nothing,
      { ...nothing, version: 1, maxSessionMinutes: 60, maxIdleMinutes: 15, signInWays: ['password', 'oidc:acme'] },
      second,
      second,
    ]);
  });

  test('is known to administrators and gateways alone, and changed by administrators who have just proven themselves', async () => {
    const { admin, tenantId } = await anOrganisation(harness);
    const member = aUser({ tenantId });
    const facts = `query ($tenants: [_Any!]!) { _entities(representations: $tenants) { ... on Tenant { securityPolicy { version } } } }`;
    const tenants = { tenants: [{ __typename: 'Tenant', id: tenantId }] };

    const asked = await harness.request(member, facts, tenants);
    const byGateway = await harness.request(servicePrincipal(tenantId), facts, tenants);
    const refused = await harness.request(member, update, { input: {} });
    const byProgram = await harness.request({ ...admin, kind: 'key' }, update, { input: {} });
    accounts.setRecent(false);
    const stale = await harness.request(admin, update, { input: {} });
    accounts.setRecent(true);

    expect(asked.data._entities).toEqual([{ securityPolicy: null }]);
    expect(byGateway.data._entities).toEqual([{ securityPolicy: { version: 0 } }]);
    expect([refused, byProgram, stale].map(codeOf)).toEqual(['FORBIDDEN', 'UNAUTHENTICATED', 'PRECONDITION_FAILED']);
    expect(stale.errors?.[0]?.extensions.details).toMatchObject({ reason: 'REAUTHENTICATION_REQUIRED' });
  });

  test.each([
    [{ signInWays: ['telepathy'] }],
    [{ signInWays: ['oidc:'] }],
    [{ networks: ['office'] }],
    [{ networks: ['2001:db8::1'] }],
    [{ networks: Array.from({ length: 101 }, (_, index) => `10.0.0.${index}`) }],
    [{ maxSessionMinutes: 4 }],
    [{ maxIdleMinutes: 7 * 24 * 60 + 1 }],
  ])('cannot be %p', async (input) => {
    const { admin } = await anOrganisation(harness);

    expect(codeOf(await harness.request(admin, update, { input }))).toBe('BAD_USER_INPUT');
  });

  test.each([
    [{ isMfaRequired: true }, 'MFA_REQUIRED'],
    [{ signInWays: ['passkey'] }, 'SIGN_IN_WAY_NOT_ALLOWED'],
    [{ networks: ['10.0.0.0/8'] }, 'ADDRESS_NOT_ALLOWED'],
  ])('that is %p is not set by whom it would refuse, unless forced', async (input, refusal) => {
    const { admin } = await anOrganisation(harness);

    const refused = await harness.request(admin, update, { input });
    const before = await harness.request(admin, get);
    const forced = await harness.request(admin, update, { input: { ...input, force: true } });

    expect(refused.errors?.[0]?.extensions).toMatchObject({
      code: 'PRECONDITION_FAILED',
      details: { reason: 'WOULD_LOCK_OUT', refusal },
    });
    expect(before.data.tenant.securityPolicy).toEqual(nothing);
    expect(codeOf(forced)).toBe('ok');
  });

  test('is announced to auth, to gateways and to the audit log', async () => {
    const { admin, tenantId } = await anOrganisation(harness);
    const heard = harness.pubSub.subscribe(tenantChangesChannel);
    await heard.ready;

    await harness.request(admin, update, { input: { signInWays: ['password'] } });

    for await (const message of heard) if ((message as { tenantId: string }).tenantId === tenantId) break;
    await heard.close();
    const of = (type: string) => published.find((event) => event.type === type && event.tenantId === tenantId);
    await eventually(() => of(securityPolicyEventType) !== undefined && of(auditEventType) !== undefined);
    expect(of(securityPolicyEventType)?.payload).toEqual({ ...nothing, version: 1, signInWays: ['password'] });
    expect(of(auditEventType)?.payload).toMatchObject({
      action: 'securityPolicy.changed',
      actorId: admin.userId,
      details: { version: 1, signInWays: ['password'], forced: false },
    });
  });

  test('is changed by one of a hundred who have all seen the same version', async () => {
    const { admin } = await anOrganisation(harness);
    const input = { maxSessionMinutes: 60, expectedVersion: 0 };

    const codes = await Promise.all(
      Array.from({ length: 100 }, () => codeWhenLetIn(() => harness.request(admin, update, { input }))),
    );

    expect(codes.filter((code) => code === 'ok')).toHaveLength(1);
    expect(codes.filter((code) => code === 'CONFLICT')).toHaveLength(99);
  });

  test('is taken back by the platform, and by nobody else from outside', async () => {
    const { admin, tenantId } = await anOrganisation(harness);
    await harness.request(admin, update, { input: { isMfaRequired: true, force: true } });

    const byMember = await harness.request(admin, reset, { id: tenantId });
    const ofNothing = await harness.request(platformAdmin, reset, { id: randomUUID() });
    const byPlatform = await harness.request(platformAdmin, reset, { id: tenantId });

    expect([byMember, ofNothing, byPlatform].map(codeOf)).toEqual(['FORBIDDEN', 'NOT_FOUND', 'ok']);
    expect((await harness.request(admin, get)).data.tenant.securityPolicy).toEqual({ ...nothing, version: 2 });
  });

  test('is not set where no gateway would hear of it', async () => {
    const { admin } = await anOrganisation(harness);
    const publishing = jest.spyOn(harness.pubSub, 'publish');
    publishing.mockRejectedValue(new AppError('OVERLOADED', 'Redis is away'));
    const meanwhile = await harness.request(admin, update, { input: { maxSessionMinutes: 60 } });
    publishing.mockRestore();

    const unchanged = await harness.request(admin, get);
    const again = await harness.request(admin, update, { input: { maxSessionMinutes: 60 } });

    expect(codeOf(meanwhile)).toBe('OVERLOADED');
    expect(unchanged.data.tenant.securityPolicy).toEqual(nothing);
    expect(again.data.updateSecurityPolicy).toMatchObject({ version: 1, maxSessionMinutes: 60 });
  });

  test('is announced again, as it was, to who did not listen when it was made', async () => {
    const { admin, tenantId } = await anOrganisation(harness);
    await harness.request(admin, update, { input: { networks: ['192.0.2.0/24'], maxIdleMinutes: 30, force: true } });
    const announced = () =>
      published.filter((event) => event.type === securityPolicyEventType && event.tenantId === tenantId);
    await eventually(() => announced().length === 1);

    await withClient(withDatabase(harness.adminUrl, 'tessera_tenant'), async (client) => {
      for (const statement of ['begin', 'set local role tessera_tenant_owner', ...announcePoliciesSql, 'commit']) {
        await client.query(statement);
      }
    });

    await eventually(() => announced().length === 2);
    const [first, again] = announced();
    expect(again?.payload).toEqual(first?.payload);
    expect(again?.id).not.toBe(first?.id);
  });

  test('is no other tenant’s business, not even in SQL', async () => {
    const [one, other] = [await anOrganisation(harness), await anOrganisation(harness)];
    await harness.request(one.admin, update, { input: { maxSessionMinutes: 60 } });
    const query = (tenantId: string | undefined, sql: string) =>
      queryAs(harness.databaseUrl, tenantId === undefined ? {} : { tenantId }, sql);
    const read = 'select tenant_id from security_policy';

    const foreign = await harness.request(
      other.admin,
      `query ($id: ID!) { tenant(id: $id) { securityPolicy { version } } }`,
      {
        id: one.tenantId,
      },
    );

    expect(codeOf(foreign)).toBe('NOT_FOUND');
    expect(await query(undefined, read)).toEqual([]);
    expect(await query(other.tenantId, read)).toEqual([]);
    expect(await query(one.tenantId, read)).toEqual([{ tenant_id: one.tenantId }]);
    const write = `update security_policy set version = 9 where tenant_id = '${one.tenantId}' returning 1`;
    expect(await query(other.tenantId, write)).toEqual([]);
  });
});
