import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Principal } from '@tessera/service/identity';
import { Secret, TOTP } from 'otpauth';
import { password, principalOf, startAuthHarness, type AuthHarness } from '../../support/auth-harness.js';
import { startSmtpServer, type CatchingSmtpServer } from '../../support/smtp-server.js';
import { anonymous, type GraphqlAnswer } from '../../support/subgraph-harness.js';
import { aProtectedPerson, aProvenPerson, confirm, enroll } from './protected-person.js';

let smtp: CatchingSmtpServer;
let harness: AuthHarness;

beforeAll(async () => {
  smtp = await startSmtpServer();
  harness = await startAuthHarness({
    MAIL_URL: smtp.url,
    SUPER_ADMIN_EMAILS: 'root@example.com',
    SUPER_ADMIN_MFA: 'true',
  });
}, 60_000);

afterAll(async () => {
  await harness.stop();
  await smtp.stop();
});

const codeOf = ({ errors }: GraphqlAnswer<unknown>) => errors?.[0]?.extensions.code;
const reasonOf = ({ errors }: GraphqlAnswer<unknown>) => errors?.[0]?.extensions.details?.['reason'];

const change = 'mutation ($input: ChangePasswordInput!) { changePassword(input: $input) }';
const reauthenticate = 'mutation ($input: ReauthenticateInput!) { reauthenticate(input: $input) }';

async function signIn(email: string) {
  const query = `mutation ($input: SignInInput!) {
    signIn(input: $input) { __typename ... on SignedIn { tokens { accessToken } } }
  }`;
  return (await harness.request(anonymous, query, { input: { email, password } })).data.signIn;
}

describe('sensitive changes', () => {
  const age = (userId: string) =>
    harness.sql(`update session set authenticated_at = now() - interval '16 minutes' where user_id = '${userId}'`);

  test('need a proof of the last fifteen minutes, and the password is one', async () => {
    const { principal, userId } = await aProvenPerson(harness, 'stale');
    await age(userId);

    const refused = await harness.request(principal, enroll);
    const wrong = await harness.request(principal, reauthenticate, { input: { password: 'a guess' } });
    const right = await harness.request(principal, reauthenticate, { input: { password } });

    expect(refused.errors?.[0]?.extensions).toMatchObject({
      code: 'PRECONDITION_FAILED',
      details: { reason: 'REAUTHENTICATION_REQUIRED', needs: ['password'] },
    });
    expect(codeOf(wrong)).toBe('FORBIDDEN');
    expect(right.data.reauthenticate).toBe(true);
    expect((await harness.request(principal, enroll)).errors).toBeUndefined();
  });

  test.each([
    ['an API key', 'createApiKey(input: { name: "k", scopes: ["files:read"] }) { apiKey { id } }', 'rotateApiKey'],
    [
      'a machine client',
      'createMachineClient(input: { name: "c", scopes: ["files:read"] }) { client { id } }',
      'rotateMachineClientSecret',
    ],
  ])('are a program that outlasts the session, and what it shows in place of it: %s', async (what, create, rotate) => {
    const { principal, userId } = await aProvenPerson(harness, what.replaceAll(' ', '-').toLowerCase());
    const manager = { ...principal, tenantId: randomUUID(), scopes: ['apiKeys:manage', 'files:read'] };
    const made = await harness.request(manager, `mutation { made: ${create} }`);
    const { id } = (Object.values(made.data.made) as { readonly id: string }[])[0] ?? { id: '' };
    const rotation = `mutation { ${rotate}(input: { id: "${id}", overlapSeconds: 0 }) { __typename } }`;
    await age(userId);

    expect(reasonOf(await harness.request(manager, `mutation { ${create} }`))).toBe('REAUTHENTICATION_REQUIRED');
    expect(reasonOf(await harness.request(manager, rotation))).toBe('REAUTHENTICATION_REQUIRED');

    await harness.request(principal, reauthenticate, { input: { password } });
    expect((await harness.request(manager, rotation)).errors).toBeUndefined();
  });

  test('need the app too where it is on: the password alone turns nothing off', async () => {
    const { principal, userId, code } = await aProtectedPerson(harness, 'stepping-up');
    await age(userId);
    const disable = 'mutation { disableTotp }';

    const stale = await harness.request(principal, disable);
    const half = await harness.request(principal, reauthenticate, { input: { password } });
    const stillStale = await harness.request(principal, disable);
    await harness.request(principal, reauthenticate, { input: { password, code: code() } });
    const off = await harness.request(principal, disable);

    expect(stale.errors?.[0]?.extensions.details).toEqual({
      reason: 'REAUTHENTICATION_REQUIRED',
      needs: ['password', 'code'],
    });
    expect(codeOf(half)).toBe('FORBIDDEN');
    expect(reasonOf(stillStale)).toBe('REAUTHENTICATION_REQUIRED');
    expect(off.data.disableTotp).toBe(true);
    expect((await signIn('stepping-up@example.com')).__typename).toBe('SignedIn');
  });

  test('of a session from before the app was on need the app: the password is not enough to change the password', async () => {
    const person = await aProvenPerson(harness, 'older-session');
    const older = principalOf((await signIn(person.email)).tokens.accessToken);
    const { secret } = (await harness.request(person.principal, enroll)).data.enrollTotp;
    const code = new TOTP({ secret: Secret.fromBase32(secret) }).generate();
    await harness.request(person.principal, confirm, { input: { code } });
    const input = { currentPassword: password, newPassword: 'a better password' };

    expect(reasonOf(await harness.request(older, change, { input }))).toBe('REAUTHENTICATION_REQUIRED');
    expect((await harness.request(person.principal, change, { input })).data.changePassword).toBe(true);
  });
});

describe('who has got hold of a session', () => {
  const guess = (principal: Principal, turn: number) =>
    turn % 2 === 0
      ? harness.request(principal, reauthenticate, { input: { password: `guess ${turn}` } })
      : harness.request(principal, change, { input: { currentPassword: `guess ${turn}`, newPassword: 'my own now' } });

  test('guesses the password a few times only, while its person gets in elsewhere, and the log tells', async () => {
    const { principal, email, userId } = await aProvenPerson(harness, 'hijacked');

    const codes: unknown[] = [];
    for (let turn = 0; turn < 8; turn += 1) codes.push(codeOf(await guess(principal, turn)));
    const right = await harness.request(principal, reauthenticate, { input: { password } });
    const elsewhere = principalOf((await signIn(email)).tokens.accessToken);

    expect(codes).toEqual([...Array(6).fill('FORBIDDEN'), 'RATE_LIMITED', 'RATE_LIMITED']);
    expect(codeOf(right)).toBe('RATE_LIMITED');
    const proven = await harness.request(elsewhere, reauthenticate, { input: { password } });
    expect(proven.data.reauthenticate).toBe(true);
    const denied = await harness.sql(
      `select action, details from audit_entry where actor_id = '${userId}' and outcome = 'denied' order by occurred_at, id`,
    );
    const waits = denied.map(({ details }) => (details as { readonly waitSeconds?: number }).waitSeconds);
    expect(waits).toEqual([...Array(5).fill(undefined), expect.any(Number)]);
    expect(denied.map(({ action }) => action).slice(0, 2)).toEqual(['session.reauthenticated', 'password.changed']);
  });
});

test('who runs the platform does so with a second factor alone, where that is asked for', async () => {
  const { email, principal, tokens } = await aProvenPerson(harness, 'root');
  const refreshed = await harness.refresh(tokens.refreshToken);
  const { secret } = (await harness.request(principal, enroll)).data.enrollTotp;
  const totp = new TOTP({ secret: Secret.fromBase32(secret) });
  await harness.request(principal, confirm, { input: { code: totp.generate() } });
  const query = `mutation ($input: SignInInput!) { signIn(input: $input) { ... on MfaRequired { challengeId } } }`;
  const { challengeId } = (await harness.request(anonymous, query, { input: { email, password } })).data.signIn;
  const verify = `mutation ($input: VerifyMfaInput!) { verifyMfa(input: $input) { tokens { accessToken refreshToken } } }`;
  // The code of the next step: that of this one is used up.
  const code = totp.generate({ timestamp: Date.now() + 30_000 });

  const { data } = await harness.request(anonymous, verify, { input: { challengeId, code } });

  expect(principalOf(refreshed.accessToken).roles).toEqual([]);
  expect(principalOf(data.verifyMfa.tokens.accessToken).roles).toEqual(['SUPER_ADMIN']);
  const later = await harness.refresh(data.verifyMfa.tokens.refreshToken);
  expect(principalOf(later.accessToken).roles).toEqual(['SUPER_ADMIN']);
});
