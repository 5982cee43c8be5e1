import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { createDomainEvent } from '@tessera/service/events';
import { apiKeyPath, encodePrincipal, hashApiKey, servicePrincipal, signPrincipal } from '@tessera/service/identity';
import { noSecurityPolicy, securityPolicyEventType, type SecurityPolicy } from '@tessera/service/security-policy';
import { decodeJwt } from 'jose';
import { password, principalOf, startAuthHarness, type AuthHarness, type Tokens } from '../../support/auth-harness.js';
import { startSmtpServer, type CatchingSmtpServer } from '../../support/smtp-server.js';
import { anonymous, principalSecret } from '../../support/subgraph-harness.js';
import { aProtectedPerson, aProvenPerson } from './protected-person.js';

// A busy machine takes ten times as long as an idle one.
jest.setTimeout(120_000);

let smtp: CatchingSmtpServer;
let harness: AuthHarness;

beforeAll(async () => {
  smtp = await startSmtpServer();
  harness = await startAuthHarness({ MAIL_URL: smtp.url });
}, 120_000);

afterAll(async () => {
  await harness.stop();
  await smtp.stop();
});

const switchMutation = 'mutation ($id: ID!) { switchTenant(tenantId: $id) { accessToken refreshToken expiresIn } }';
const claimsOf = ({ accessToken }: Tokens) =>
  decodeJwt<{ tid?: string; way?: string; amr?: string[]; auth_time?: number; pol?: boolean; scope: string }>(
    accessToken,
  );

let version = 0;
async function announce(tenantId: string, rules: Partial<SecurityPolicy>): Promise<void> {
  version += 1;
  const payload = {
    ...noSecurityPolicy,
    ...rules,
    version,
    signInWays: [...(rules.signInWays ?? [])],
    networks: [...(rules.networks ?? [])],
  };
  await harness.deliver(createDomainEvent({ type: securityPolicyEventType, tenantId, payload }));
}

/** A tenant that a person may enter. */
async function aTenantOf(userId: string, rules: Partial<SecurityPolicy> = {}): Promise<string> {
  const tenantId = randomUUID();
  harness.tenants.setRole(tenantId, userId, 'TENANT_ADMIN');
  await announce(tenantId, rules);
  return tenantId;
}

async function enter(person: { readonly tokens: Tokens }, tenantId: string) {
  const answer = await harness.request(principalOf(person.tokens.accessToken), switchMutation, { id: tenantId });
  const { code, details } = answer.errors?.[0]?.extensions ?? {};
  return { tokens: answer.data?.switchTenant as Tokens, refusal: code && `${code} ${String(details?.['reason'])}` };
}

const age = (userId: string, column: string, minutes: number) =>
  harness.sql(`update session set ${column} = now() - interval '${minutes} minutes' where user_id = '${userId}'`);

describe('whoever enters a tenant with a security policy', () => {
  test('is told why not, and how it would be let in', async () => {
    const person = await harness.signUp('outsider');
    const enterWith = async (rules: Partial<SecurityPolicy>) =>
      (await enter(person, await aTenantOf(person.userId, rules))).refusal;

    expect(await enterWith({ isMfaRequired: true })).toBe('FORBIDDEN MFA_REQUIRED');
    expect(await enterWith({ signInWays: ['passkey', 'oidc'] })).toBe('FORBIDDEN SIGN_IN_WAY_NOT_ALLOWED');
    // The gateway has not said where the request came from.
    expect(await enterWith({ networks: ['10.0.0.0/8'] })).toBe('FORBIDDEN ADDRESS_NOT_ALLOWED');
    expect(await enterWith({ signInWays: ['password'], maxSessionMinutes: 5, maxIdleMinutes: 5 })).toBeUndefined();
    await age(person.userId, 'authenticated_at', 6);
    expect(await enterWith({ maxSessionMinutes: 5 })).toBe('UNAUTHENTICATED SESSION_TOO_OLD');
  });

  test('stays in the tenant of before when refused', async () => {
    const person = await harness.signUp('stays');
    const first = await aTenantOf(person.userId);
    const { tokens } = await enter(person, first);
    const { refusal } = await enter({ tokens }, await aTenantOf(person.userId, { isMfaRequired: true }));

    expect(refusal).toBe('FORBIDDEN MFA_REQUIRED');
    expect(claimsOf(await harness.refresh(tokens.refreshToken)).tid).toBe(first);
  });

  test('has tokens that say how the session was opened, and end as the policy wants it', async () => {
    const person = await aProtectedPerson(harness, 'second-factor');
    const plain = await enter(person, await aTenantOf(person.userId));
    const strict = await enter(person, await aTenantOf(person.userId, { isMfaRequired: true, maxIdleMinutes: 10 }));

    expect(claimsOf(person.tokens)).not.toHaveProperty('amr');
    expect(claimsOf(plain.tokens)).toMatchObject({ way: 'password', amr: ['pwd', 'mfa'] });
    expect(claimsOf(plain.tokens).pol).toBeUndefined();
    expect(claimsOf(strict.tokens)).toMatchObject({ pol: true });
    expect([plain.tokens.expiresIn, strict.tokens.expiresIn]).toEqual([1_800, 300]);
  });
});

describe('a session that complies no longer', () => {
  test('is refreshed to no tenant, and is back in it once it complies', async () => {
    const person = await aProvenPerson(harness, 'older');
    const tenantId = await aTenantOf(person.userId);
    const { tokens } = await enter(person, tenantId);
    await announce(tenantId, { maxSessionMinutes: 30 });
    await age(person.userId, 'authenticated_at', 31);

    const out = await harness.refresh(tokens.refreshToken);
    const principal = principalOf(out.accessToken);
    await harness.request(principal, 'mutation ($input: ReauthenticateInput!) { reauthenticate(input: $input) }', {
      input: { password },
    });
    const back = await harness.refresh(out.refreshToken);

    expect(principal).toMatchObject({ roles: [], scopes: [] });
    expect(principal.tenantId).toBeUndefined();
    expect(claimsOf(back)).toMatchObject({ tid: tenantId });
    // The session ends half an hour after the proof, and so does its token.
    expect(back.expiresIn).toBeLessThanOrEqual(1_800);
  });

  test('was idle once it went unused for too long, whatever it does then but prove who it is', async () => {
    const person = await harness.signUp('idle');
    const tenantId = await aTenantOf(person.userId, { maxIdleMinutes: 10 });
    const { tokens } = await enter(person, tenantId);
    const used = await harness.refresh(tokens.refreshToken);
    await harness.sql(
      `update session set last_used_at = now() - interval '11 minutes', authenticated_at = now() - interval '12 minutes'
       where user_id = '${person.userId}'`,
    );

    const idle = await harness.refresh(used.refreshToken);
    const again = await harness.refresh(idle.refreshToken);
    const { refusal } = await enter({ tokens: again }, tenantId);
    await harness.request(
      principalOf(again.accessToken),
      'mutation ($input: ReauthenticateInput!) { reauthenticate(input: $input) }',
      { input: { password } },
    );

    expect([used, idle, again].map((each) => claimsOf(each).tid)).toEqual([tenantId, undefined, undefined]);
    expect(refusal).toBe('UNAUTHENTICATED SESSION_IDLE');
    expect(claimsOf(await harness.refresh(again.refreshToken)).tid).toBe(tenantId);
  });

  test('has one factor when the app is turned off, and its tokens are refused at once', async () => {
    const person = await aProtectedPerson(harness, 'turned-off');
    const tenantId = await aTenantOf(person.userId, { isMfaRequired: true });
    const { tokens } = await enter(person, tenantId);
    const principal = principalOf(tokens.accessToken);

    const announced = await harness.announcedDuring(() => harness.request(principal, 'mutation { disableTotp }'));

    expect(announced.renewed).toEqual([principal.sessionId]);
    expect(claimsOf(await harness.refresh(tokens.refreshToken)).tid).toBeUndefined();
  });
});

describe('news of policies', () => {
  test('that come late change nothing', async () => {
    const { userId } = await harness.signUp('late-news');
    const tenantId = await aTenantOf(userId, { isMfaRequired: true });
    const payload = { ...noSecurityPolicy, version: 0, signInWays: [], networks: [] };

    await harness.deliver(createDomainEvent({ type: securityPolicyEventType, tenantId, payload }));

    const [kept] = await harness.sql(`select policy from tenant_policy where tenant_id = '${tenantId}'`);
    expect(kept).toMatchObject({ policy: { isMfaRequired: true } });
  });

  test('mark the keys of the tenant', async () => {
    const person = await harness.signUp('key-maker');
    const tenantId = await aTenantOf(person.userId);
    const { tokens } = await enter(person, tenantId);
    const create = 'mutation { createApiKey(input: { name: "k", scopes: ["files:read"] }) { token } }';
    const { token } = (await harness.request(principalOf(tokens.accessToken), create)).data.createApiKey;
    const path = apiKeyPath(hashApiKey(token));
    const signed = { audience: 'auth', method: 'GET', path, body: '' };
    const caller = { principal: encodePrincipal(servicePrincipal()) };
    const headers = signPrincipal(principalSecret, signed, caller, Date.now());

    const response = await fetch(`${harness.url}${path}`, {
      headers: { ...headers },
      signal: AbortSignal.timeout(20_000),
    });

    expect(await response.json()).toMatchObject({ tenantId, isPolicied: true });
  });
});

test('a sign-in by a mailed code, and a session of before, are told apart from one by password', async () => {
  const person = await harness.signUp('by-mail');
  await harness.sql(`update session set sign_in_way = 'email' where user_id = '${person.userId}'`);
  const byMail = await aTenantOf(person.userId, { signInWays: ['email'] });
  const byPassword = await aTenantOf(person.userId, { signInWays: ['password'] });

  expect((await enter(person, byPassword)).refusal).toBe('FORBIDDEN SIGN_IN_WAY_NOT_ALLOWED');
  expect((await enter(person, byMail)).refusal).toBeUndefined();
  await harness.sql(`update session set sign_in_way = null where user_id = '${person.userId}'`);
  expect((await enter(person, byMail)).refusal).toBe('FORBIDDEN SIGN_IN_WAY_NOT_ALLOWED');
  expect(await harness.request(anonymous, '{ me { id } }')).toEqual({ data: { me: null } });
});
