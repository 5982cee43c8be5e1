import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Secret, TOTP } from 'otpauth';
import { password, principalOf, startAuthHarness, type AuthHarness } from '../../support/auth-harness.js';
import { startSmtpServer, type CatchingSmtpServer } from '../../support/smtp-server.js';
import { anonymous, sendSigned, type GraphqlAnswer } from '../../support/subgraph-harness.js';
import { aProtectedPerson, aProvenPerson, confirm, enroll } from './protected-person.js';

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

const verify = `mutation ($input: VerifyMfaInput!) {
  verifyMfa(input: $input) { user { email } tokens { accessToken refreshToken expiresIn } }
}`;
const status = '{ mfaStatus { isTotpEnabled recoveryCodesLeft } }';

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
    const person = await aProvenPerson(harness, 'first');
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
    const { email, code } = await aProtectedPerson(harness, 'once');
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
    const { email, code } = await aProtectedPerson(harness, 'parallel');
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
    const { email, code } = await aProtectedPerson(harness, 'refreshing');
    const { tokens } = (await verifyCode((await signIn(email)).challengeId, code())).data.verifyMfa;

    expect((await harness.refresh(tokens.refreshToken)).expiresIn).toBeGreaterThan(0);
  });

  test('needs a proven address, for who signs up with another’s address must not stay in', async () => {
    const { principal } = await harness.signUp('unproven');

    expect(reasonOf(await harness.request(principal, enroll))).toBe('EMAIL_NOT_VERIFIED');
  });

  test('of nobody is turned on by somebody else’s or a forged challenge', async () => {
    const { email } = await aProtectedPerson(harness, 'owner');
    const { code } = await aProtectedPerson(harness, 'another');
    const { challengeId } = await signIn(email);

    expect(codeOf(await verifyCode(challengeId, code()))).toBe('UNAUTHENTICATED');
    expect(codeOf(await verifyCode('x'.repeat(43), code()))).toBe('UNAUTHENTICATED');
    expect(codeOf(await harness.request(anonymous, enroll))).toBe('UNAUTHENTICATED');
  });
});

describe('guessing codes', () => {
  test('ends a challenge after five tries, also with the right code', async () => {
    const { email, code } = await aProtectedPerson(harness, 'guessed');
    const { challengeId } = await signIn(email);

    for (let turn = 0; turn < 5; turn += 1)
      expect(codeOf(await verifyCode(challengeId, 'guess'))).toBe('UNAUTHENTICATED');

    expect(codeOf(await verifyCode(challengeId, code()))).toBe('UNAUTHENTICATED');
    expect((await verifyCode((await signIn(email)).challengeId, code())).errors).toBeUndefined();
  });

  test('pauses after ten wrong ones over many challenges, whatever comes, and goes on later', async () => {
    const { email, userId, code } = await aProtectedPerson(harness, 'flooded');
    for (let turn = 0; turn < 10; turn += 1) await verifyCode((await signIn(email)).challengeId, '000000');

    const { challengeId } = await signIn(email);
    const paused = await verifyCode(challengeId, code());
    await harness.sql(`update totp_factor set failed_at = now() - interval '16 minutes' where user_id = '${userId}'`);

    expect(codeOf(paused)).toBe('RATE_LIMITED');
    expect((await verifyCode(challengeId, code())).errors).toBeUndefined();
  });

  test('meets an end of the challenge after five minutes', async () => {
    const { email, userId, code } = await aProtectedPerson(harness, 'slow');
    const { challengeId } = await signIn(email);
    await harness.sql(`update sign_in_challenge set expires_at = now() where user_id = '${userId}'`);

    expect(codeOf(await verifyCode(challengeId, code()))).toBe('UNAUTHENTICATED');
  });
});

describe('recovery codes', () => {
  test('let in once each, and only in the database’s hashes do they stay', async () => {
    const { email, userId, recoveryCodes } = await aProtectedPerson(harness, 'lost-phone');
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
    const { email, principal, recoveryCodes } = await aProtectedPerson(harness, 'renewing');

    const renewed = await harness.request(principal, 'mutation { regenerateRecoveryCodes { codes } }');

    const { challengeId } = await signIn(email);
    expect(codeOf(await verifyCode(challengeId, recoveryCodes[0] ?? ''))).toBe('UNAUTHENTICATED');
    expect((await verifyCode(challengeId, renewed.data.regenerateRecoveryCodes.codes[0])).errors).toBeUndefined();
  });
});
