import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { linkToken } from '../../support/account-mails.js';
import { password, startAuthHarness, type AuthHarness } from '../../support/auth-harness.js';
import type { CaughtMail } from '../../support/smtp-server.js';
import { startSmtpServer, type CatchingSmtpServer } from '../../support/smtp-server.js';
import { anonymous, sendSigned, type GraphqlAnswer } from '../../support/subgraph-harness.js';

let smtp: CatchingSmtpServer;
let harness: AuthHarness;

beforeAll(async () => {
  smtp = await startSmtpServer();
  harness = await startAuthHarness({ MAIL_URL: smtp.url });
}, 60_000);

afterAll(async () => {
  await harness.stop();
  await smtp.stop();
});

const codeOf = ({ errors }: GraphqlAnswer<unknown>) => errors?.[0]?.extensions.code;
const subject = /code to sign in/;

const withCode = `mutation ($input: SignInWithCodeInput!) {
  signInWithCode(input: $input) { ... on SignedIn { user { email } tokens { refreshToken } } }
}`;

async function requestCode(email: string): Promise<string> {
  const query = `mutation ($input: RequestSignInCodeInput!) { requestSignInCode(input: $input) { challengeId expiresAt } }`;
  return (await harness.request(anonymous, query, { input: { email } })).data.requestSignInCode.challengeId;
}

const mailsTo = (email: string): readonly CaughtMail[] =>
  smtp.mails.filter((mail) => mail.recipients.includes(email) && subject.test(mail.subject));

/** The code of the so-many-th mail to an address. */
async function mailedCode(email: string, turn = 1): Promise<string> {
  await smtp.nextMail(() => mailsTo(email).length >= turn);
  return /Code: (\d{6})/.exec(mailsTo(email)[turn - 1]?.text ?? '')?.[1] ?? '';
}

const signInWithCode = (challengeId: string, code: string) =>
  harness.request(anonymous, withCode, { input: { challengeId, code } });

const signInWithLink = (token: string) =>
  harness.request(
    anonymous,
    'mutation ($input: SignInWithLinkInput!) { signInWithLink(input: $input) { __typename } }',
    { input: { token } },
  );

const wrong = (code: string): string => (code === '000000' ? '111111' : '000000');

describe('a mailed code', () => {
  test('lets in once, in the browser that asked for it', async () => {
    const { email } = await harness.signUp('coded');
    const challengeId = await requestCode(email);
    // Mails of two requests may come in any order: the code is the first one's only where the second was not yet made.
    const code = await mailedCode(email);
    const elsewhere = await requestCode(email);

    const strange = await signInWithCode(elsewhere, code);
    const entered = await signInWithCode(challengeId, code);
    const again = await signInWithCode(challengeId, code);

    expect(codeOf(strange)).toBe('UNAUTHENTICATED');
    expect(entered.data.signInWithCode.user.email).toBe(email);
    expect((await harness.refresh(entered.data.signInWithCode.tokens.refreshToken)).expiresIn).toBeGreaterThan(0);
    expect(codeOf(again)).toBe('UNAUTHENTICATED');
  });

  test('lets in once where two instances are sent it at once', async () => {
    const { email } = await harness.signUp('coded-twice');
    const challengeId = await requestCode(email);
    const variables = { input: { challengeId, code: await mailedCode(email) } };
    const other = await harness.startAnotherInstance();

    const answers = await Promise.all(
      [harness.url, other.url, harness.url, other.url].map((url) =>
        sendSigned<unknown>({ subgraph: 'auth', url: `${url}/graphql` }, anonymous, withCode, variables),
      ),
    );
    await other.stop();

    expect(answers.filter(({ errors }) => errors === undefined)).toHaveLength(1);
  });

  test('has five tries, and is not good after ten minutes', async () => {
    const { email } = await harness.signUp('tried');
    const tried = await requestCode(email);
    const code = await mailedCode(email);
    for (let turn = 0; turn < 5; turn += 1) await signInWithCode(tried, wrong(code));
    const over = await requestCode(email);
    const late = await mailedCode(email, 2);
    await harness.sql(`update email_sign_in set expires_at = now() where email = '${email}' and tries = 0`);

    expect(codeOf(await signInWithCode(tried, code))).toBe('UNAUTHENTICATED');
    expect(codeOf(await signInWithCode(over, late))).toBe('UNAUTHENTICATED');
  });

  test('is mailed five times an hour, and more requests are answered the same', async () => {
    const { email } = await harness.signUp('flooded-box');
    for (let turn = 0; turn < 5; turn += 1) await requestCode(email);
    await smtp.nextMail(() => mailsTo(email).length >= 5);

    const sixth = await requestCode(email);
    const { email: next } = await harness.signUp('after-flood');
    await requestCode(next);
    await mailedCode(next);

    expect(sixth).toMatch(/^[\w-]{43}$/);
    expect(mailsTo(email)).toHaveLength(5);
  });

  test('is mailed no more often to who asks many times at once', async () => {
    const { email } = await harness.signUp('at-once');

    await Promise.all(Array.from({ length: 40 }, () => requestCode(email)));

    const planned = await harness.sql(`select 1 from email_sign_in where email = '${email}' and is_mailed`);
    expect(planned).toHaveLength(5);
  });

  test('is stored nowhere, not even hashed', async () => {
    const { email } = await harness.signUp('unstored');
    await requestCode(email);
    const code = await mailedCode(email);
    const token = await linkToken(smtp, email, subject);

    const rows = await harness.sql(
      `select row_to_json(email_sign_in)::text as text from email_sign_in where email = '${email}'`,
    );
    const jobs = await harness.sql(`select data::text as text from jobs.job where data->>'email' = '${email}'`);

    expect(jobs).toHaveLength(1);
    const stored = JSON.stringify([rows, jobs]);
    expect(stored).not.toContain(`"${code}"`);
    expect(stored).not.toContain(token.split('.')[1]);
  });
});

describe('a mailed link', () => {
  test('lets in once, in any browser', async () => {
    const { email } = await harness.signUp('linked');
    const challengeId = await requestCode(email);
    const token = await linkToken(smtp, email, subject);

    const entered = await signInWithLink(token);

    expect(entered.data.signInWithLink).toEqual({ __typename: 'SignedIn' });
    expect(codeOf(await signInWithLink(token))).toBe('UNAUTHENTICATED');
    expect(codeOf(await signInWithCode(challengeId, await mailedCode(email)))).toBe('UNAUTHENTICATED');
  });

  test.each(['', 'nonsense', `${'x'.repeat(43)}.${'x'.repeat(43)}`])('that is forged does not: %j', async (token) => {
    expect(codeOf(await signInWithLink(token))).toBe('UNAUTHENTICATED');
  });

  test('proves the address: a password that was set before is removed, and who knew it is signed out, and their programs', async () => {
    const squatter = await harness.signUp('squatted');
    const made = await harness.request(
      { ...squatter.principal, tenantId: randomUUID(), scopes: ['apiKeys:manage', 'files:read'] },
      `mutation { createApiKey(input: { name: "k", scopes: ["files:read"] }) { apiKey { id } }
        createMachineClient(input: { name: "c", scopes: ["files:read"] }) { client { id } } }`,
    );
    await requestCode(squatter.email);
    const token = await linkToken(smtp, squatter.email, subject);

    const { ended } = await harness.announcedDuring(() => signInWithLink(token));

    const programs = [made.data.createApiKey.apiKey.id, made.data.createMachineClient.client.id];
    expect(ended.toSorted()).toEqual([squatter.principal.sessionId, ...programs].toSorted());
    const kept = ['api_key', 'machine_client'].map((table) => `select id from ${table} where revoked_at is null`);
    expect(await harness.sql(`${kept.join(' union all ')}`)).toEqual([]);
    await expect(harness.refresh(squatter.tokens.refreshToken)).rejects.toThrow('UNAUTHENTICATED');
    const signIn = `mutation ($input: SignInInput!) { signIn(input: $input) { __typename } }`;
    const input = { email: squatter.email, password };
    expect(codeOf(await harness.request(anonymous, signIn, { input }))).toBe('UNAUTHENTICATED');
    await smtp.nextMail(
      (mail) => mail.recipients.includes(squatter.email) && /password was removed/.test(mail.subject),
    );
  });

  test('leaves the password of a proven address alone', async () => {
    const { email, userId } = await harness.signUp('proven');
    await harness.sql(`update account set email_verified_at = now() where id = '${userId}'`);
    await requestCode(email);
    await signInWithLink(await linkToken(smtp, email, subject));
    const signIn = `mutation ($input: SignInInput!) { signIn(input: $input) { __typename } }`;

    expect((await harness.request(anonymous, signIn, { input: { email, password } })).errors).toBeUndefined();
  });
});

test('who has no account gets the same answers, and no mail', async () => {
  const challengeId = await requestCode('nobody@example.com');
  const { email } = await harness.signUp('after-nobody-else');
  const known = await requestCode(email);
  await mailedCode(email);

  const ofNobody = await signInWithCode(challengeId, '123456');
  const ofSomebody = await signInWithCode(known, wrong(await mailedCode(email)));

  expect(ofNobody.errors?.[0]?.message).toBe(ofSomebody.errors?.[0]?.message);
  expect(codeOf(ofNobody)).toBe('UNAUTHENTICATED');
  expect(smtp.mails.some(({ recipients }) => recipients.includes('nobody@example.com'))).toBe(false);
});

test('a new password, too, is mailed five times at once and then every half an hour, however often anybody asks', async () => {
  const request = 'mutation ($input: RequestPasswordResetInput!) { requestPasswordReset(input: $input) }';
  const ask = (email: string) => harness.request(anonymous, request, { input: { email } });
  const sentTo = (email: string): number =>
    smtp.mails.filter((mail) => mail.recipients.includes(email) && /new password/.test(mail.subject)).length;
  const { email } = await harness.signUp('bombed');
  const { email: next } = await harness.signUp('after-bombed');
  for (let turn = 1; turn <= 5; turn += 1) {
    await ask(email);
    await smtp.nextMail(() => sentTo(email) === turn);
  }

  const answers = await Promise.all([email, email, email, next].map(ask));
  await smtp.nextMail(() => sentTo(next) === 1);
  const sent = sentTo(email);
  await harness.sql(`update sign_in_failure set last_at = last_at - interval '31 minutes'`);
  await Promise.all([email, email, email].map(ask));
  await smtp.nextMail(() => sentTo(email) === 6);
  await ask(email);
  await ask(next);
  await smtp.nextMail(() => sentTo(next) === 2);

  for (const answer of answers) expect(answer).toEqual({ data: { requestPasswordReset: true } });
  expect([sent, sentTo(email)]).toEqual([5, 6]);
});

test('mails are written in the language of the account, as text and HTML', async () => {
  const { email, userId } = await harness.signUp('xiaoming');
  await harness.sql(`update account set locale = 'zh-CN' where id = '${userId}'`);
  await requestCode(email);

  const mail = await smtp.nextMail(({ recipients }) => recipients.includes(email));

  expect(mail.subject).toBe('您的登录验证码');
  expect(mail.text).toMatch(/验证码: \d{6}/);
  expect(mail.html).toContain('<html lang="zh">');
  expect(mail.id).toMatch(/^<[\w-]+@tessera\.local>$/);
});
