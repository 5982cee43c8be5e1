import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { tenantChangesChannel, type AccessTokenClaims } from '@tessera/service/identity';
import { createInProcessPubSubHub, type PubSub } from '@tessera/service/pubsub';
import { noSecurityPolicy, type SecurityPolicy } from '@tessera/service/security-policy';
import { eventually } from '../../support/eventually.js';
import { startFakeSubgraph, type FakeSubgraph } from '../../support/fake-subgraph.js';
import { createLeftovers } from '../../support/leftovers.js';
import type { TokenIssuer } from '../../support/token-issuer.js';
import { startForKnownCallers } from '../support/known-callers.js';
import type { RunningGateway } from '../support/running-gateway.js';
import { tenantSchema } from '../support/tenant-schema.js';
import { transportsFor } from '../support/transports.js';

const leftovers = createLeftovers();

/** What the tenant subgraph answers; tenants that are not here ask for nothing. */
const policies = new Map<string, SecurityPolicy>();
let pubSub: PubSub;
let issuer: TokenIssuer;
let tenants: FakeSubgraph;
let running: RunningGateway;

beforeAll(async () => {
  pubSub = createInProcessPubSubHub();
  tenants = await startFakeSubgraph(tenantSchema, {
    Tenant: {
      __resolveReference: ({ id }: { id: string }) => ({
        id,
        status: 'ACTIVE',
        plan: 'free',
        disabledServices: [],
        securityPolicy: policies.get(id) ?? noSecurityPolicy,
      }),
    },
  });
  leftovers.defer('tenants', () => tenants.close());
  ({ issuer, running } = await startForKnownCallers(leftovers, {
    environment: {
      PRINCIPAL_SECRET: 'a-secret-between-gateway-and-subgraphs',
      TENANT_PLANS_URL: tenants.url,
      // What is asked here is not whether a busy machine answers in time.
      TENANT_PLANS_TIMEOUT_MS: '60000',
      TRUSTED_PROXIES: 'loopback',
      POLICY_FREE_FIELDS: 'header,__typename',
    },
    adapters: { pubSub },
  }));
}, 30_000);
afterAll(() => leftovers.close());

const nowSeconds = () => Math.floor(Date.now() / 1_000);

/** What the tenant subgraph does when it has committed a change. */
async function ask(tenantId: string, rules: Partial<SecurityPolicy>): Promise<void> {
  policies.set(tenantId, { ...noSecurityPolicy, ...rules });
  await pubSub.publish(tenantChangesChannel, { tenantId });
}

/** Somebody who has just signed in with a password, in a tenant of this policy. */
async function aMember(rules?: Partial<SecurityPolicy>, claims: Partial<AccessTokenClaims> = {}) {
  const tenantId = claims.tid ?? randomUUID();
  if (rules !== undefined) policies.set(tenantId, { ...noSecurityPolicy, ...rules });
  const proven = { way: 'password', amr: ['pwd'], auth_time: nowSeconds() };
  const authorization = `Bearer ${await issuer.issue({ tid: tenantId, ...proven, ...claims })}`;
  const send = (query: string, from = '203.0.113.9') =>
    running.post({ query }, { authorization, 'x-forwarded-for': from });
  const reason = async (query = '{ whoAmI }', from?: string) => {
    const { code, body } = await send(query, from);
    const details = body.errors?.[0]?.extensions?.['details'] as { readonly reason: string } | undefined;
    return code === undefined ? 'answered' : `${String(code)} ${details?.reason}`;
  };
  return { tenantId, authorization, send, reason };
}

describe('the security policy of a tenant', () => {
  test.each<[Partial<SecurityPolicy>, Partial<AccessTokenClaims>, string]>([
    [{ isMfaRequired: true }, {}, 'FORBIDDEN MFA_REQUIRED'],
    [{ isMfaRequired: true }, { amr: ['pwd', 'mfa'] }, 'answered'],
    [{ signInWays: ['oidc:acme'] }, {}, 'FORBIDDEN SIGN_IN_WAY_NOT_ALLOWED'],
    [{ signInWays: ['oidc:acme'] }, { way: 'oidc:acme' }, 'answered'],
    [{ maxSessionMinutes: 60 }, { auth_time: nowSeconds() - 3_601 }, 'UNAUTHENTICATED SESSION_TOO_OLD'],
    [{ maxSessionMinutes: 60 }, { auth_time: nowSeconds() - 3_000 }, 'answered'],
    [{ networks: ['198.51.100.0/24'] }, {}, 'FORBIDDEN ADDRESS_NOT_ALLOWED'],
    [{ networks: ['203.0.113.0/24'] }, {}, 'answered'],
    // Of before there were policies: how its session was opened is not known.
    [{ signInWays: ['password'] }, { way: undefined }, 'FORBIDDEN SIGN_IN_WAY_NOT_ALLOWED'],
    [{ maxSessionMinutes: 60 }, { auth_time: undefined }, 'UNAUTHENTICATED SESSION_TOO_OLD'],
    // Programs come from somewhere, and nothing else of it is asked of them.
    [{ isMfaRequired: true, signInWays: ['passkey'] }, { client_id: randomUUID() }, 'answered'],
    [{ networks: ['198.51.100.0/24'] }, { client_id: randomUUID() }, 'FORBIDDEN ADDRESS_NOT_ALLOWED'],
  ])('%p and a token of %p: %p', async (rules, claims, expected) => {
    const { reason } = await aMember(rules, claims);

    expect(await reason()).toBe(expected);
  });

  test('goes by the address that trusted proxies tell, IPv6 by its network', async () => {
    const { reason } = await aMember({ networks: ['2001:db8:1::/48', '192.0.2.1'] });

    expect(await reason('{ whoAmI }', '2001:db8:1:7::9')).toBe('answered');
    expect(await reason('{ whoAmI }', '2001:db8:2::9')).toBe('FORBIDDEN ADDRESS_NOT_ALLOWED');
    expect(await reason('{ whoAmI }', '192.0.2.1, 203.0.113.9')).toBe('FORBIDDEN ADDRESS_NOT_ALLOWED');
    expect(await reason('{ whoAmI }', '203.0.113.9, 192.0.2.1')).toBe('answered');
  });

  test.each(transportsFor('query'))('holds however one asks: %s', async (_name, transport) => {
    const { authorization } = await aMember({ isMfaRequired: true });

    const outcome = await transport.send(running.url, { query: '{ whoAmI }' }, { authorization });

    expect(outcome.code).toBe('FORBIDDEN');
  });

  test('leaves people what is their own, as people of no tenant', async () => {
    const roles = ['TENANT_ADMIN', 'SUPER_ADMIN'];
    const { send, reason } = await aMember({ isMfaRequired: true }, { roles, scope: 'files:read' });
    const before = running.subgraphs.people.requests.length;

    const free = await send('{ header(name: "x-tessera-principal") __typename }');
    const mixed = await reason('{ header(name: "x") whoAmI }');

    expect(free.code).toBeUndefined();
    const encoded = String((free.body.data as { header: string }).header);
    const principal = JSON.parse(Buffer.from(encoded, 'base64url').toString('utf8'));
    expect(principal).toMatchObject({ kind: 'user', roles: ['SUPER_ADMIN'] });
    expect(principal).not.toHaveProperty('tenantId');
    expect(principal).not.toHaveProperty('credentials');
    expect(mixed).toBe('FORBIDDEN MFA_REQUIRED');
    expect(running.subgraphs.people.requests).toHaveLength(before + 1);
  });

  test('is nothing to people of other tenants, and of none', async () => {
    await aMember({ isMfaRequired: true });
    const other = await aMember();
    const ofNone = `Bearer ${await issuer.issue()}`;

    expect(await other.reason()).toBe('answered');
    expect((await running.post({ query: '{ whoAmI }' }, { authorization: ofNone })).code).toBeUndefined();
  });

  test('that cannot be found out keeps out those who are known to be held to one', async () => {
    tenants.answerNext({ kind: 'reset' });
    const held = await aMember({}, { pol: true });
    expect(await held.reason()).toBe('SUBGRAPH_UNAVAILABLE undefined');
    tenants.answerNext({ kind: 'reset' });
    const free = await aMember({});
    expect(await free.reason()).toBe('answered');
  });
});

describe('a change of the policy', () => {
  test('holds with the next request, and again when it is taken back', async () => {
    const { tenantId, reason } = await aMember();
    const first = await reason();

    await ask(tenantId, { signInWays: ['passkey'] });
    await eventually(async () => (await reason()) === 'FORBIDDEN SIGN_IN_WAY_NOT_ALLOWED');
    await ask(tenantId, {});
    await eventually(async () => (await reason()) === 'answered');

    expect(first).toBe('answered');
  });

  test.each(transportsFor('subscription'))('ends streams on which nothing happens: %s', async (_name, transport) => {
    const { tenantId, authorization } = await aMember();
    const complying = await aMember(undefined, { tid: tenantId, amr: ['pwd', 'mfa'] });
    const { alerts } = running.subgraphs;
    const streams = alerts.openStreams();
    const query = 'subscription { alerts { status } }';
    const outcomes: unknown[] = [];
    const stream = transport.send(running.url, { query }, { authorization });
    const other = transport.send(running.url, { query }, { authorization: complying.authorization });
    void other.then(({ code }) => outcomes.push(code));
    await alerts.untilStreams(streams + 2);

    await ask(tenantId, { isMfaRequired: true });

    expect((await stream).code).toBe('FORBIDDEN');
    expect(outcomes).toEqual([]);
    await ask(tenantId, { networks: ['198.51.100.0/24'] });
    expect((await other).code).toBe('FORBIDDEN');
    await eventually(() => alerts.openStreams() === streams);
  });

  test('that cannot be asked for ends streams once it can, and keeps out meanwhile who is known to be held to something', async () => {
    const { tenantId, authorization, reason } = await aMember();
    const held = await aMember(undefined, { tid: tenantId, pol: true });
    const [, transport] = transportsFor('subscription')[0] ?? [];
    const streams = running.subgraphs.alerts.openStreams();
    const query = 'subscription { alerts { status } }';
    const stream = transport?.send(running.url, { query }, { authorization });
    await running.subgraphs.alerts.untilStreams(streams + 1);
    const before = [await held.reason(), await reason()];

    tenants.answerAlways({ kind: 'reset' });
    await ask(tenantId, { isMfaRequired: true });
    await eventually(async () => (await held.reason()) === 'SUBGRAPH_UNAVAILABLE undefined');
    const unheld = await reason();
    tenants.answerAlways(undefined);

    expect((await stream)?.code).toBe('FORBIDDEN');
    expect(before).toEqual(['answered', 'answered']);
    expect(unheld).toBe('answered');
    expect(await reason()).toBe('FORBIDDEN MFA_REQUIRED');
  }, 60_000);

  test('ends streams of a session that becomes too old while nothing happens', async () => {
    const { tenantId, authorization } = await aMember(undefined, { auth_time: nowSeconds() - 5 * 60 + 2 });
    const [, transport] = transportsFor('subscription')[0] ?? [];
    const streams = running.subgraphs.alerts.openStreams();
    const query = 'subscription { alerts { status } }';
    const stream = transport?.send(running.url, { query }, { authorization });
    await running.subgraphs.alerts.untilStreams(streams + 1);

    await ask(tenantId, { maxSessionMinutes: 5 });

    expect((await stream)?.code).toBe('UNAUTHENTICATED');
  });
});
