import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { password, principalOf, startAuthHarness, type AuthHarness } from '../../support/auth-harness.js';
import { startSmtpServer, type CatchingSmtpServer } from '../../support/smtp-server.js';
import { anonymous, sendSigned } from '../../support/subgraph-harness.js';

let smtp: CatchingSmtpServer;
let harness: AuthHarness;

beforeAll(async () => {
  smtp = await startSmtpServer();
  harness = await startAuthHarness({ MAIL_URL: smtp.url, SUPER_ADMIN_EMAILS: 'boss@example.com' });
}, 60_000);

afterAll(async () => {
  await harness.stop();
  await smtp.stop();
});

const codeOf = (answer: { errors?: readonly { extensions: { code: string } }[] }) =>
  answer.errors?.[0]?.extensions.code;

/** The token of the first mail to an address whose subject says what it is about. */
async function tokenFor(email: string, subject: RegExp): Promise<string> {
  const mail = await smtp.nextMail((caught) => caught.recipients.includes(email) && subject.test(caught.subject));
  return decodeURIComponent(/#token=(\S+)/.exec(mail.text)?.[1] ?? '');
}

function signIn(email: string, secret: string) {
  const query = `mutation ($input: SignInInput!) { signIn(input: $input) { ... on SignedIn { tokens { refreshToken } } } }`;
  return harness.request(anonymous, query, { input: { email, password: secret } });
}

const requestReset = (email: string) =>
  harness.request(anonymous, 'mutation ($input: RequestPasswordResetInput!) { requestPasswordReset(input: $input) }', {
    input: { email },
  });

const reset = (token: string, newPassword: string) =>
  harness.request(anonymous, 'mutation ($input: ResetPasswordInput!) { resetPassword(input: $input) }', {
    input: { token, newPassword },
  });

describe('a forgotten password', () => {
  test('is replaced by the link of a mail, once, and every device is signed out', async () => {
    const { email, tokens, principal } = await harness.signUp('forgetful');
    expect((await requestReset(email)).data.requestPasswordReset).toBe(true);
    const token = await tokenFor(email, /new password/);

    const { ended } = await harness.announcedDuring(() => reset(token, 'a brand new password'));

    expect(ended).toContain(principal.sessionId);
    await expect(harness.refresh(tokens.refreshToken)).rejects.toThrow('UNAUTHENTICATED');
    expect(codeOf(await signIn(email, password))).toBe('UNAUTHENTICATED');
    expect((await signIn(email, 'a brand new password')).errors).toBeUndefined();
    expect(codeOf(await reset(token, 'yet another password'))).toBe('BAD_USER_INPUT');
    await smtp.nextMail(({ recipients, subject }) => recipients.includes(email) && /was changed/.test(subject));
  });

  test('is replaced once where two use the link at once', async () => {
    const { email } = await harness.signUp('twice');
    await requestReset(email);
    const token = await tokenFor(email, /new password/);

    const answers = await Promise.all([reset(token, 'the first new password'), reset(token, 'the second new one')]);

    expect(answers.map(codeOf).sort()).toEqual(['BAD_USER_INPUT', undefined]);
  });

  test('of an address without an account is answered the same, and no mail leaves', async () => {
    expect(await requestReset('nobody@example.com')).toEqual({ data: { requestPasswordReset: true } });
    const { email } = await harness.signUp('after-nobody');
    await requestReset(email);
    await tokenFor(email, /new password/);

    expect(smtp.mails.some(({ recipients }) => recipients.includes('nobody@example.com'))).toBe(false);
  });

  test.each([['nonsense'], ['']])('is not replaced by a link that is none: %s', async (token) => {
    expect(codeOf(await reset(token, 'a brand new password'))).toBe('BAD_USER_INPUT');
  });

  test('is not replaced by a link for something else, nor by a password that is too short', async () => {
    const { email, principal } = await harness.signUp('mixed-up');
    await harness.request(principal, 'mutation { requestEmailVerification }');

    expect(codeOf(await reset(await tokenFor(email, /Confirm/), 'a brand new password'))).toBe('BAD_USER_INPUT');
    await requestReset(email);
    expect(codeOf(await reset(await tokenFor(email, /new password/), 'short'))).toBe('BAD_USER_INPUT');
  });
});

describe('a known password', () => {
  const change = 'mutation ($input: ChangePasswordInput!) { changePassword(input: $input) }';

  test('is changed by who knows it; this device stays signed in, and the others do not', async () => {
    const { email, tokens, principal } = await harness.signUp('careful');
    const other = (await signIn(email, password)).data.signIn.tokens.refreshToken;
    const input = { currentPassword: password, newPassword: 'a better password' };

    expect((await harness.request(principal, change, { input })).data.changePassword).toBe(true);

    await expect(harness.refresh(other)).rejects.toThrow('UNAUTHENTICATED');
    expect((await harness.refresh(tokens.refreshToken)).expiresIn).toBeGreaterThan(0);
    expect((await signIn(email, 'a better password')).errors).toBeUndefined();
  });

  test('is not changed by who does not', async () => {
    const { principal } = await harness.signUp('guarded');
    const input = { currentPassword: 'a guess at it', newPassword: 'a better password' };

    expect(codeOf(await harness.request(principal, change, { input }))).toBe('FORBIDDEN');
    expect(codeOf(await harness.request(anonymous, change, { input }))).toBe('UNAUTHENTICATED');
  });
});

describe('an address', () => {
  const verify = 'mutation ($token: String!) { verifyEmail(token: $token) }';

  test('makes an administrator of the platform only once it is proven', async () => {
    const boss = await harness.signUp('boss');
    expect(boss.principal.roles).toEqual([]);
    await harness.request(boss.principal, 'mutation { requestEmailVerification }');

    const token = await tokenFor(boss.email, /Confirm/);
    expect((await harness.request(anonymous, verify, { token })).data.verifyEmail).toBe(true);
    expect((await harness.request(anonymous, verify, { token })).data.verifyEmail).toBe(true);

    const refreshed = await harness.refresh(boss.tokens.refreshToken);
    expect(principalOf(refreshed.accessToken).roles).toEqual(['SUPER_ADMIN']);
  });

  test('is not proven by a link that is none', async () => {
    expect(codeOf(await harness.request(anonymous, verify, { token: 'nonsense' }))).toBe('BAD_USER_INPUT');
  });

  test('must be proven before the first sign-in where that is the setting', async () => {
    const instance = await harness.startAnotherInstance({ EMAIL_VERIFICATION: 'everybody' });
    const ask = (query: string, variables: object) =>
      // eslint-disable-next-line @typescript-eslint/no-explicit-any -- the shape is the assertion's business
      sendSigned<any>({ subgraph: 'auth', url: `${instance.url}/graphql` }, anonymous, query, variables);
    const email = 'newcomer@example.com';
    const signUp = 'mutation ($input: SignUpInput!) { signUp(input: $input) { user { id } tokens { expiresIn } } }';
    const enter = 'mutation ($input: SignInInput!) { signIn(input: $input) { __typename } }';

    const made = await ask(signUp, { input: { email, password, displayName: 'New' } });
    const early = await ask(enter, { input: { email, password } });
    await ask(verify, { token: await tokenFor(email, /Confirm/) });
    const late = await ask(enter, { input: { email, password } });
    await instance.stop();

    expect(made.data?.signUp).toEqual({ user: { id: expect.any(String) }, tokens: null });
    expect(codeOf(early)).toBe('PRECONDITION_FAILED');
    expect(late.data?.signIn).toEqual({ __typename: 'SignedIn' });
  });
});
