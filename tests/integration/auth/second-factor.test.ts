import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Secret, TOTP } from 'otpauth';
import {
  password,
  principalOf,
  startAuthHarness,
  type AuthHarness,
  type SignedUp,
} from '../../support/auth-harness.js';
import { startSmtpServer, type CatchingSmtpServer } from '../../support/smtp-server.js';
import { anonymous, sendSigned, type GraphqlAnswer } from '../../support/subgraph-harness.js';

let smtp: CatchingSmtpServer;
let harness: AuthHarness;

beforeAll(async () => {
  smtp = await startSmtpServer();
  harness = await startAuthHarness({ MAIL_URL: smtp.url, PLATFORM_NAME: 'Acme' });
}, 60_000);

afterAll(async () => {
  await harness.stop();
  await smtp.stop();
});

const codeOf = ({ errors }: GraphqlAnswer<unknown>) => errors?.[0]?.extensions.code;
const reasonOf = ({ errors }: GraphqlAnswer<unknown>) => errors?.[0]?.extensions.details?.['reason'];

const enroll = 'mutation { enrollTotp { secret uri } }';
const confirm = 'mutation ($input: ConfirmTotpInput!) { confirmTotp(input: $input) { codes } }';
const verify = `mutation ($input: VerifyMfaInput!) {
  verifyMfa(input: $input) { user { email } tokens { accessToken refreshToken expiresIn } }
}`;
const status = '{ mfaStatus { isTotpEnabled recoveryCodesLeft } }';
const reauthenticate = 'mutation ($input: ReauthenticateInput!) { reauthenticate(input: $input) }';

interface Protected extends SignedUp {
  readonly recoveryCodes: readonly string[];
  /** The code of a step of time: 0 is the present one, 1 the next. Neither counts as used up by turning the app on. */
  code(step?: number): string;
}

async function aProvenPerson(name: string): Promise<SignedUp> {
  const person = await harness.signUp(name);
  await harness.sql(`update account set email_verified_at = now() where id = '${person.userId}'`);
  return person;
}

/** Someone whose sign-ins ask for a code. */
async function aProtectedPerson(name: string): Promise<Protected> {
  const person = await aProvenPerson(name);
  const { secret } = (await harness.request(person.principal, enroll)).data.enrollTotp;
  const totp = new TOTP({ secret: Secret.fromBase32(secret) });
  const code = (step = 0) => totp.generate({ timestamp: Date.now() + step * 30_000 });
  const answer = await harness.request(person.principal, confirm, { input: { code: code() } });
  await harness.sql(`update totp_factor set last_used_step = 0 where user_id = '${person.userId}'`);
  return { ...person, recoveryCodes: answer.data.confirmTotp.codes, code };
}

async function signIn(email: string) {
  const query = `mutation ($input: SignInInput!) {
    signIn(input: $input) { __typename ... on MfaRequired { challengeId expiresAt } }
  }`;
  return (await harness.request(anonymous, query, { input: { email, password } })).data.signIn;
}

const verifyCode = (challengeId: string, code: string) =>
  harness.request(anonymous, verify, { input: { challengeId, code } });

describe('an authenticator app', () => {
  test('is asked for once its first code has come, and the mail tells of it', async () => {
    const person = await aProvenPerson('first');
    const { secret, uri } = (await harness.request(person.principal, enroll)).data.enrollTotp;
    const before = await signIn(person.email);
    const wrong = await harness.request(person.principal, confirm, { input: { code: '00000' } });
    const code = new TOTP({ secret: Secret.fromBase32(secret) }).generate();

    const confirmed = await harness.request(person.principal, confirm, { input: { code } });

    expect(uri).toContain('otpauth://totp/Acme:first%40example.com?');
    expect(before.__typename).toBe('SignedIn');
    expect(codeOf(wrong)).toBe('BAD_USER_INPUT');
    expect(new Set(confirmed.data.confirmTotp.codes).size).toBe(10);
    expect(await signIn(person.email)).toEqual({
      __typename: 'MfaRequired',
      challengeId: expect.any(String),
      expiresAt: expect.any(String),
    });
    expect((await harness.request(person.principal, status)).data.mfaStatus).toEqual({
      isTotpEnabled: true,
      recoveryCodesLeft: 10,
    });
    await smtp.nextMail(
      ({ recipients, subject }) => recipients.includes(person.email) && /authenticator app was turned on/.test(subject),
    );
  });

  test('lets in with its code, which is good once', async () => {
    const { email, code } = await aProtectedPerson('once');
    const first = await signIn(email);
    const second = await signIn(email);
    const shown = code();

    const entered = await verifyCode(first.challengeId, shown);
    const repeated = await verifyCode(second.challengeId, shown);
    const later = await verifyCode(second.challengeId, code(1));

    expect(entered.data.verifyMfa.user.email).toBe(email);
    expect(codeOf(repeated)).toBe('UNAUTHENTICATED');
    expect(later.errors).toBeUndefined();
  });

  test('lets in once where one challenge and code are sent four times at once, to two instances', async () => {
    const { email, code } = await aProtectedPerson('parallel');
    const { challengeId } = await signIn(email);
    const other = await harness.startAnotherInstance();
    const variables = { input: { challengeId, code: code() } };
    const urls = [harness.url, other.url];

    const answers = await Promise.all(
      Array.from({ length: 4 }, (_, turn) =>
        sendSigned<unknown>({ subgraph: 'auth', url: `${urls[turn % 2]}/graphql` }, anonymous, verify, variables),
      ),
    );
    await other.stop();

    expect(answers.filter(({ errors }) => errors === undefined)).toHaveLength(1);
  });

  test('is not asked for anew within a session that refreshes', async () => {
    const { email, code } = await aProtectedPerson('refreshing');
    const { tokens } = (await verifyCode((await signIn(email)).challengeId, code())).data.verifyMfa;

    expect((await harness.refresh(tokens.refreshToken)).expiresIn).toBeGreaterThan(0);
  });

  test('needs a proven address, for who signs up with another’s address must not stay in', async () => {
    const { principal } = await harness.signUp('unproven');

    expect(reasonOf(await harness.request(principal, enroll))).toBe('EMAIL_NOT_VERIFIED');
  });

  test('of nobody is turned on by somebody else’s or a forged challenge', async () => {
    const { email } = await aProtectedPerson('owner');
    const { code } = await aProtectedPerson('another');
    const { challengeId } = await signIn(email);

    expect(codeOf(await verifyCode(challengeId, code()))).toBe('UNAUTHENTICATED');
    expect(codeOf(await verifyCode('x'.repeat(43), code()))).toBe('UNAUTHENTICATED');
    expect(codeOf(await harness.request(anonymous, enroll))).toBe('UNAUTHENTICATED');
  });
});

describe('guessing codes', () => {
  test('ends a challenge after five tries, also with the right code', async () => {
    const { email, code } = await aProtectedPerson('guessed');
    const { challengeId } = await signIn(email);

    for (let turn = 0; turn < 5; turn += 1)
      expect(codeOf(await verifyCode(challengeId, 'guess'))).toBe('UNAUTHENTICATED');

    expect(codeOf(await verifyCode(challengeId, code()))).toBe('UNAUTHENTICATED');
    expect((await verifyCode((await signIn(email)).challengeId, code())).errors).toBeUndefined();
  });

  test('pauses after ten wrong ones over many challenges, whatever comes, and goes on later', async () => {
    const { email, userId, code } = await aProtectedPerson('flooded');
    for (let turn = 0; turn < 10; turn += 1) await verifyCode((await signIn(email)).challengeId, '000000');

    const { challengeId } = await signIn(email);
    const paused = await verifyCode(challengeId, code());
    await harness.sql(`update totp_factor set failed_at = now() - interval '16 minutes' where user_id = '${userId}'`);

    expect(codeOf(paused)).toBe('RATE_LIMITED');
    expect((await verifyCode(challengeId, code())).errors).toBeUndefined();
  });

  test('meets an end of the challenge after five minutes', async () => {
    const { email, userId, code } = await aProtectedPerson('slow');
    const { challengeId } = await signIn(email);
    await harness.sql(`update sign_in_challenge set expires_at = now() where user_id = '${userId}'`);

    expect(codeOf(await verifyCode(challengeId, code()))).toBe('UNAUTHENTICATED');
  });
});

describe('recovery codes', () => {
  test('let in once each, and only in the database’s hashes do they stay', async () => {
    const { email, userId, recoveryCodes } = await aProtectedPerson('lost-phone');
    const [mine = ''] = recoveryCodes;

    const entered = await verifyCode((await signIn(email)).challengeId, mine.toLowerCase().replaceAll('-', ' '));
    const again = await verifyCode((await signIn(email)).challengeId, mine);

    const principal = principalOf(entered.data.verifyMfa.tokens.accessToken);
    expect((await harness.request(principal, status)).data.mfaStatus.recoveryCodesLeft).toBe(9);
    expect(codeOf(again)).toBe('UNAUTHENTICATED');
    const stored = JSON.stringify(
      await harness.sql(`select encode(code_hash, 'escape') from recovery_code where user_id = '${userId}'`),
    );
    expect(stored).not.toContain(mine.replaceAll('-', ''));
  });

  test('are replaced all at once', async () => {
    const { email, principal, recoveryCodes } = await aProtectedPerson('renewing');

    const renewed = await harness.request(principal, 'mutation { regenerateRecoveryCodes { codes } }');

    const { challengeId } = await signIn(email);
    expect(codeOf(await verifyCode(challengeId, recoveryCodes[0] ?? ''))).toBe('UNAUTHENTICATED');
    expect((await verifyCode(challengeId, renewed.data.regenerateRecoveryCodes.codes[0])).errors).toBeUndefined();
  });
});

describe('sensitive changes', () => {
  const age = (userId: string) =>
    harness.sql(`update session set authenticated_at = now() - interval '16 minutes' where user_id = '${userId}'`);

  test('need a proof of the last fifteen minutes, and the password is one', async () => {
    const { principal, userId } = await aProvenPerson('stale');
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

  test('need the app too where it is on: the password alone turns nothing off', async () => {
    const { principal, userId, code } = await aProtectedPerson('stepping-up');
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
    const person = await aProvenPerson('older-session');
    const older = principalOf((await reSignIn(person.email)).accessToken);
    const { secret } = (await harness.request(person.principal, enroll)).data.enrollTotp;
    const code = new TOTP({ secret: Secret.fromBase32(secret) }).generate();
    await harness.request(person.principal, confirm, { input: { code } });
    const change = 'mutation ($input: ChangePasswordInput!) { changePassword(input: $input) }';
    const input = { currentPassword: password, newPassword: 'a better password' };

    expect(reasonOf(await harness.request(older, change, { input }))).toBe('REAUTHENTICATION_REQUIRED');
    expect((await harness.request(person.principal, change, { input })).data.changePassword).toBe(true);
  });
});

async function reSignIn(email: string): Promise<{ readonly accessToken: string }> {
  const query = `mutation ($input: SignInInput!) { signIn(input: $input) { ... on SignedIn { tokens { accessToken } } } }`;
  return (await harness.request(anonymous, query, { input: { email, password } })).data.signIn.tokens;
}
