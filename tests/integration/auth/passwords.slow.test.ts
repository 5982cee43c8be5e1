import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { hash as hashBcrypt } from '@node-rs/bcrypt';
import type { Principal } from '@tessera/service/identity';
import { password, principalOf, startAuthHarness, type AuthHarness } from '../../support/auth-harness.js';
import { startSmtpServer, type CatchingSmtpServer } from '../../support/smtp-server.js';
import { anonymous, aUser, sendSigned } from '../../support/subgraph-harness.js';

let smtp: CatchingSmtpServer;
let harness: AuthHarness;

beforeAll(async () => {
  smtp = await startSmtpServer();
  harness = await startAuthHarness({ MAIL_URL: smtp.url, SUPER_ADMIN_EMAILS: 'boss@example.com,chair@example.com' });
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
    const { email, tokens, principal, userId } = await harness.signUp('forgetful');
    expect((await requestReset(email)).data.requestPasswordReset).toBe(true);
    const token = await tokenFor(email, /new password/);

    const { ended } = await harness.announcedDuring(() => reset(token, 'a brand new password'));

    expect(ended).toContain(principal.sessionId);
    expect(await harness.sql(`select action from audit_entry where subject_id = '${userId}' order by action`)).toEqual([
      { action: 'email.verified' },
      { action: 'password.reset' },
    ]);
    await expect(harness.refresh(tokens.refreshToken)).rejects.toThrow('UNAUTHENTICATED');
    expect(codeOf(await signIn(email, password))).toBe('UNAUTHENTICATED');
    expect((await signIn(email, 'a brand new password')).errors).toBeUndefined();
    expect(codeOf(await reset(token, 'yet another password'))).toBe('BAD_USER_INPUT');
    await smtp.nextMail(({ recipients, subject }) => recipients.includes(email) && /was changed/.test(subject));
  });

  test('once replaced lets in at once, whoever has guessed the one before', async () => {
    const { email } = await harness.signUp('guessed-before');
    for (let guess = 0; guess < 8; guess += 1) await signIn(email, `guess ${guess}`);
    expect(codeOf(await signIn(email, password))).toBe('RATE_LIMITED');

    await requestReset(email);
    await reset(await tokenFor(email, /new password/), 'a brand new password');

    expect((await signIn(email, 'a brand new password')).errors).toBeUndefined();
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
    expect((await harness.request(boss.principal, verify, { token })).data.verifyEmail).toBe(true);
    expect((await harness.request(boss.principal, verify, { token })).data.verifyEmail).toBe(true);

    const refreshed = await harness.refresh(boss.tokens.refreshToken);
    expect(principalOf(refreshed.accessToken).roles).toEqual(['SUPER_ADMIN']);
  });

  test('of an administrator becomes that of who has the mailbox where the link is opened elsewhere', async () => {
    const stranger = await harness.signUp('chair');
    await harness.request(anonymous, 'mutation ($email: String!) { requestEmailVerification(email: $email) }', {
      email: stranger.email,
    });

    const token = await tokenFor(stranger.email, /Confirm/);
    expect((await harness.request(anonymous, verify, { token })).data.verifyEmail).toBe(true);

    await expect(harness.refresh(stranger.tokens.refreshToken)).rejects.toThrow('UNAUTHENTICATED');
    expect(codeOf(await signIn(stranger.email, password))).toBe('UNAUTHENTICATED');
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
    expect(codeOf(early)).toBe('UNAUTHENTICATED');
    expect(early.errors?.[0]?.message).toMatch(/not proven yet/);
    expect(late.data?.signIn).toEqual({ __typename: 'SignedIn' });
  });
});

describe('people of another system', () => {
  const importing =
    'mutation ($accounts: [ImportedAccountInput!]!) { importAccounts(input: { accounts: $accounts }) { email userId isNew } }';
  const importAs = (principal: Principal, accounts: readonly object[]) =>
    harness.request(principal, importing, { accounts });
  const ada = { email: 'Ada@Elsewhere.example', displayName: 'Ada', isEmailVerified: true, locale: 'de-CH' };

  async function anOperator(name: string): Promise<Principal> {
    const { principal } = await harness.signUp(name);
    return { ...principal, roles: ['SUPER_ADMIN'] };
  }

  test('sign in with the passwords that they have, and those who were here already stay as they are', async () => {
    const operator = await anOperator('operator');
    const known = await harness.signUp('here-already');
    const passwordHash = await hashBcrypt('a password of elsewhere', { cost: 4 });
    const accounts = [
      { ...ada, passwordHash },
      { email: known.email, displayName: 'Another', passwordHash },
      { email: 'bob@elsewhere.example', displayName: 'Bob' },
    ];

    const first = await importAs(operator, accounts);
    const again = await importAs(operator, accounts);

    const userIds = first.data.importAccounts.map(({ userId }: { readonly userId: string }) => userId);
    expect(first.data.importAccounts).toMatchObject([
      { email: 'ada@elsewhere.example', isNew: true },
      { email: known.email, userId: known.userId, isNew: false },
      { email: 'bob@elsewhere.example', isNew: true },
    ]);
    expect(again.data.importAccounts).toMatchObject(userIds.map((userId: string) => ({ userId, isNew: false })));
    expect((await signIn(ada.email, 'a password of elsewhere')).errors).toBeUndefined();
    expect((await signIn(known.email, password)).errors).toBeUndefined();
    expect(codeOf(await signIn(known.email, 'a password of elsewhere'))).toBe('UNAUTHENTICATED');
    expect(codeOf(await signIn('bob@elsewhere.example', 'a password of elsewhere'))).toBe('UNAUTHENTICATED');
    const stored = await harness.sql(
      `select locale, email_verified_at is not null as verified from account where id in ('${userIds[0]}', '${userIds[2]}') order by email`,
    );
    expect(stored).toEqual([
      { locale: 'de-CH', verified: true },
      { locale: null, verified: false },
    ]);
    const told = await harness.sql(
      `select subject_id from audit_entry where action = 'account.imported' order by subject_id`,
    );
    expect(told.map((line) => line['subject_id'])).toEqual([userIds[0], userIds[2]].toSorted());
  }, 60_000);

  test('are taken over by who runs the platform and has lately shown so, all or none, and never as one of them', async () => {
    const operator = await anOperator('careful-operator');
    const dear = { ...ada, email: 'dear@elsewhere.example', passwordHash: `$2b$31$${'a'.repeat(53)}` };
    const twice = { ...ada, email: 'twice@elsewhere.example' };

    const codes = [
      codeOf(await importAs(aUser({ role: 'TENANT_ADMIN' }), [ada])),
      codeOf(await importAs(anonymous, [ada])),
      codeOf(await importAs(operator, [twice, dear])),
      codeOf(await importAs(operator, [twice, twice])),
      codeOf(await importAs(operator, [{ ...ada, email: 'BOSS@example.com' }])),
      codeOf(await importAs(operator, [])),
    ];
    await harness.sql(
      `update session set authenticated_at = now() - interval '1 hour' where id = '${operator.sessionId}'`,
    );
    codes.push(codeOf(await importAs(operator, [twice])));

    const refused = 'BAD_USER_INPUT';
    expect(codes).toEqual(['FORBIDDEN', 'UNAUTHENTICATED', refused, refused, refused, refused, 'PRECONDITION_FAILED']);
    expect(await harness.sql(`select 1 from account where email = '${twice.email}'`)).toEqual([]);
  });
});
