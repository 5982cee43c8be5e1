import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { newId } from '@tessera/service/database';
import { createDomainEvent } from '@tessera/service/events';
import { linkToken } from '../../support/account-mails.js';
import { password, startAuthHarness, type AuthHarness } from '../../support/auth-harness.js';
import { eventually } from '../../support/eventually.js';
import { startSmtpServer, type CatchingSmtpServer } from '../../support/smtp-server.js';
import { anonymous, sendSigned, type GraphqlAnswer } from '../../support/subgraph-harness.js';

let smtp: CatchingSmtpServer;
let harness: AuthHarness;

beforeAll(async () => {
  smtp = await startSmtpServer();
  harness = await startAuthHarness({ MAIL_URL: smtp.url, EMAIL_VERIFICATION: 'everybody' });
}, 60_000);

afterAll(async () => {
  await harness.stop();
  await smtp.stop();
});

const signUpQuery = `mutation ($input: SignUpInput!) {
  signUp(input: $input) { user { id displayName email sessions { id } } tokens { accessToken } }
}`;

const signUp = (email: string, more: object = {}) =>
  harness.request(anonymous, signUpQuery, { input: { email, password, displayName: 'Somebody', ...more } });

/** An answer without what differs each time. */
function shapeOf(answer: GraphqlAnswer<unknown>): unknown {
  const text = JSON.stringify(answer)
    .replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, '<id>')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<time>')
    .replaceAll(/"[\w-]{22,}"/g, '"<random>"');
  return JSON.parse(text);
}

/** The errors of an answer, without what differs each time. */
function refusalOf({ errors }: GraphqlAnswer<unknown>): unknown {
  return errors?.map(({ message, path, extensions: { code, details } }) => ({ message, path, code, details }));
}

/** An address with an account that is proven. */
async function aKnownAddress(name: string): Promise<string> {
  const email = `${name}@example.com`;
  await signUp(email);
  const token = await linkToken(smtp, email, /Confirm/);
  await harness.request(anonymous, 'mutation ($token: String!) { verifyEmail(token: $token) }', { token });
  return email;
}

describe('whether an address has an account', () => {
  test('does not show at sign-up: the answer is the same, the password stays, and the owner is told', async () => {
    const email = await aKnownAddress('owner');

    const ofTaken = await signUp(email.toUpperCase(), { password: 'a password of somebody else' });
    const ofNew = await signUp('newcomer@example.com');

    expect(ofTaken.errors).toBeUndefined();
    expect(shapeOf(ofTaken)).toEqual(shapeOf(ofNew));
    await smtp.nextMail(({ recipients, subject }) => recipients.includes(email) && /have an account/.test(subject));
    const signIn = 'mutation ($input: SignInInput!) { signIn(input: $input) { __typename } }';
    const entered = await harness.request(anonymous, signIn, { input: { email, password } });
    expect(entered.data.signIn.__typename).toBe('SignedIn');
  });

  test('does not show to who signs in with what they have just signed up with', async () => {
    const known = await aKnownAddress('somebody-else');
    const shown = 'a password of who asks';
    for (const email of [known, 'tried-out@example.com']) await signUp(email, { password: shown });
    const signIn = 'mutation ($input: SignInInput!) { signIn(input: $input) { __typename } }';
    const enter = (email: string) => harness.request(anonymous, signIn, { input: { email, password: shown } });

    const ofTaken = await enter(known);
    const ofNew = await enter('tried-out@example.com');

    expect(ofTaken.errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED');
    expect(refusalOf(ofTaken)).toEqual(refusalOf(ofNew));
    const logged = await harness.sql(
      `select outcome, details from audit_entry where action = 'session.opened' order by occurred_at desc limit 2`,
    );
    expect(logged).toEqual([
      { outcome: 'denied', details: { method: 'pwd', reason: 'EMAIL_NOT_VERIFIED' } },
      { outcome: 'denied', details: { method: 'pwd' } },
    ]);
  });

  test.each<[string, string, (email: string) => object]>([
    [
      'a sign-in',
      'mutation ($input: SignInInput!) { signIn(input: $input) { __typename } }',
      (email) => ({ input: { email, password: 'not the password' } }),
    ],
    [
      'a code to sign in',
      'mutation ($input: RequestSignInCodeInput!) { requestSignInCode(input: $input) { challengeId expiresAt } }',
      (email) => ({ input: { email } }),
    ],
    [
      'a sign-in with a passkey',
      `mutation ($input: StartPasskeySignInInput!) { startPasskeySignIn(input: $input) { ceremonyId options expiresAt } }`,
      (email) => ({ input: { email } }),
    ],
    [
      'a new password',
      'mutation ($input: RequestPasswordResetInput!) { requestPasswordReset(input: $input) }',
      (email) => ({ input: { email } }),
    ],
    [
      'a proof of the address',
      'mutation ($email: String) { requestEmailVerification(email: $email) }',
      (email) => ({ email }),
    ],
  ])('does not show when %s is asked for', async (what, query, variablesFor) => {
    const name = `known-${what.replaceAll(' ', '-')}`;
    const known = await aKnownAddress(name);

    const ofKnown = await harness.request(anonymous, query, variablesFor(known));
    const ofUnknown = await harness.request(anonymous, query, variablesFor(`not-${known}`));

    expect(refusalOf(ofKnown) ?? shapeOf(ofKnown)).toEqual(refusalOf(ofUnknown) ?? shapeOf(ofUnknown));
  });
});

test('who has passkeys is asked for as many, as long ones, as who has none, and as who has no account', async () => {
  const lengths = [27, 43, 86];
  for (const name of ['key-owner', 'key-holder']) {
    const userId = (await harness.sql(`select id from account where email = '${await aKnownAddress(name)}'`))[0]?.[
      'id'
    ];
    for (const length of lengths) {
      await harness.sql(
        `insert into passkey (id, user_id, name, credential_id, public_key, counter, transports, is_backed_up)
         values ('${newId()}', '${userId}', 'Key', '${name.padEnd(length, 'x')}', '', 0, '{}', false)`,
      );
    }
  }
  await aKnownAddress('keyless');
  const instance = await harness.startAnotherInstance();
  const query = 'mutation ($input: StartPasskeySignInInput!) { startPasskeySignIn(input: $input) { options } }';
  const askedOf = async (name: string): Promise<readonly string[]> => {
    const answer = await sendSigned<{
      startPasskeySignIn: { options: { allowCredentials: { id: string }[] } };
    }>({ subgraph: 'auth', url: `${instance.url}/graphql` }, anonymous, query, {
      input: { email: `${name}@example.com` },
    });
    return answer.data?.startPasskeySignIn.options.allowCredentials.map(({ id }) => id) ?? [];
  };

  const asked = await Promise.all(['key-owner', 'keyless', 'nobody-with-keys', 'nobody-with-keys'].map(askedOf));
  await instance.stop();

  for (const ids of asked) expect(ids.map(({ length }) => length)).toEqual(lengths);
  expect(asked[3]).toEqual(asked[2]);
  expect(new Set(asked.slice(0, 3).flat()).size).toBe(9);
});

describe('the language of mails', () => {
  test('is chosen at sign-up, and later in the profile', async () => {
    const email = 'xiaohong@example.com';
    const made = await signUp(email, { locale: 'zh-cn' });
    const first = await smtp.nextMail(({ recipients }) => recipients.includes(email));
    const userId = made.data.signUp.user.id;

    await harness.deliver(createDomainEvent({ type: 'profile.localeChanged', payload: { userId, locale: 'en-GB' } }));
    const locale = async () => (await harness.sql(`select locale from account where id = '${userId}'`))[0]?.['locale'];
    await eventually(async () => (await locale()) === 'en-GB');
    await harness.request(anonymous, 'mutation ($email: String) { requestEmailVerification(email: $email) }', {
      email,
    });

    expect(first.subject).toBe('请确认您的邮箱地址');
    await smtp.nextMail(({ recipients, subject }) => recipients.includes(email) && /Confirm your/.test(subject));
  });

  test('is a language tag', async () => {
    const answer = await signUp('tagless@example.com', { locale: 'no tag' });

    expect(answer.errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
  });
});
