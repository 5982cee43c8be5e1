import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { hash as hashBcrypt } from '@node-rs/bcrypt';
import { withClient, withDatabase } from '@tessera/service/database';
import { linkToken } from '../../support/account-mails.js';
import { password, startAuthHarness, type AuthHarness } from '../../support/auth-harness.js';
import { eventually } from '../../support/eventually.js';
import { startSmtpServer, type CatchingSmtpServer } from '../../support/smtp-server.js';
import { anonymous, sendSigned, type GraphqlAnswer } from '../../support/subgraph-harness.js';
import { aProtectedPerson } from './protected-person.js';

let smtp: CatchingSmtpServer;
let harness: AuthHarness;
let urls: readonly string[] = [];
let stopOther: () => Promise<void> = async () => undefined;

beforeAll(async () => {
  smtp = await startSmtpServer();
  harness = await startAuthHarness({ MAIL_URL: smtp.url });
  const other = await harness.startAnotherInstance();
  stopOther = () => other.stop();
  urls = [harness.url, other.url];
}, 60_000);

afterAll(async () => {
  await stopOther();
  await harness.stop();
  await smtp.stop();
});

const codeOf = ({ errors }: GraphqlAnswer<unknown>): string => errors?.[0]?.extensions.code ?? 'ok';

const signInMutation = `mutation ($input: SignInInput!) {
  signIn(input: $input) { ... on SignedIn { tokens { refreshToken } } ... on MfaRequired { challengeId } }
}`;
const verify = 'mutation ($input: VerifyMfaInput!) { verifyMfa(input: $input) { user { id } } }';
const change = 'mutation ($input: ChangePasswordInput!) { changePassword(input: $input) }';
const another = { currentPassword: password, newPassword: 'another horse, another staple' };

const signIn = (email: string) => harness.request(anonymous, signInMutation, { input: { email, password } });

/** The same question to both instances, four times in the same moment; @returns how they were answered, sorted */
async function atOnce(query: string, input: object): Promise<readonly string[]> {
  const answers = await Promise.all(
    Array.from({ length: 4 }, (_, turn) =>
      sendSigned<unknown>({ subgraph: 'auth', url: `${urls[turn % 2]}/graphql` }, anonymous, query, { input }),
    ),
  );
  return answers.map(codeOf).sort();
}

/** How many statements wait for somebody's lock. */
async function waiting(): Promise<number> {
  const [row] = await harness.sql(
    `select count(*)::int as count from pg_stat_activity where datname = 'tessera_auth' and wait_event_type = 'Lock'`,
  );
  return Number(row?.['count']);
}

/** Keeps rows locked while something is done. */
async function whileHeld(sql: string, work: () => Promise<void>): Promise<void> {
  await withClient(withDatabase(harness.adminUrl, 'tessera_auth'), async (client) => {
    await client.query('begin');
    await client.query(sql);
    await work();
    await client.query('commit');
  });
}

/** Begins what is to come to wait for a lock; where it does not, it is over. */
async function beginUntil<T>(
  locksWaitedFor: number,
  begin: () => Promise<T>,
): Promise<{ readonly answer: Promise<T> }> {
  let isOver = false;
  const answer = begin().finally(() => (isOver = true));
  await eventually(async () => isOver || (await waiting()) >= locksWaitedFor);
  return { answer };
}

describe('a sign-in with a password that is changed in that moment', () => {
  test('is refused, where the change comes first', async () => {
    const { email, userId } = await harness.signUp('late');
    const changed = await hashBcrypt(another.newPassword, { cost: 4 });
    await harness.sql('delete from sign_in_failure');
    let entering: Promise<GraphqlAnswer<unknown>> | undefined;

    await whileHeld(`update password set hash = '${changed}' where account_id = '${userId}'`, async () => {
      entering = (await beginUntil(1, () => signIn(email))).answer;
    });

    expect(await entering?.then(codeOf)).toBe('UNAUTHENTICATED');
    expect(await harness.sql(`select 1 from session where user_id = '${userId}'`)).toHaveLength(1);
    expect(await harness.sql('select failures from sign_in_failure')).toEqual([{ failures: 1 }]);
  });

  test('is ended by the change, where it comes first itself', async () => {
    const { email, userId, principal } = await harness.signUp('early');
    let entering: ReturnType<typeof signIn> | undefined;
    let changing: Promise<GraphqlAnswer<unknown>> | undefined;

    await whileHeld(`select 1 from account where id = '${userId}' for update`, async () => {
      entering = (await beginUntil(1, () => signIn(email))).answer;
      changing = (await beginUntil(2, () => harness.request(principal, change, { input: another }))).answer;
    });

    const entered = await entering;
    expect(await changing).toEqual({ data: { changePassword: true } });
    await expect(harness.refresh(entered?.data.signIn.tokens.refreshToken)).rejects.toThrow('UNAUTHENTICATED');
  });
});

test('sign-ins in the same moment are all let in, where the first of them hashes the password anew', async () => {
  const { email, userId } = await harness.signUp('hashed-anew');
  const outdated = await hashBcrypt(password, { cost: 4 });
  await harness.sql(
    `update password set hash = '${outdated}' where account_id = '${userId}'`,
    'delete from sign_in_failure',
  );
  let entering: Promise<readonly GraphqlAnswer<unknown>[]> | undefined;

  await whileHeld(`select 1 from password where account_id = '${userId}' for update`, async () => {
    const begin = () => Promise.all([signIn(email), signIn(email), signIn(email)]);
    entering = (await beginUntil(3, begin)).answer;
  });

  expect((await entering)?.map(codeOf)).toEqual(['ok', 'ok', 'ok']);
  expect(await harness.sql(`select 1 from session where user_id = '${userId}'`)).toHaveLength(4);
  expect(await harness.sql('select failures from sign_in_failure')).toEqual([]);
});

test('a sign-in that waits for its code is over once the password is another one', async () => {
  const { email, principal, code } = await aProtectedPerson(harness, 'waiting');
  const { challengeId } = (await signIn(email)).data.signIn;
  expect(codeOf(await harness.request(principal, change, { input: another }))).toBe('ok');

  expect(codeOf(await harness.request(anonymous, verify, { input: { challengeId, code: code() } }))).toBe(
    'UNAUTHENTICATED',
  );
});

test('a change of address that was begun before is over once the password is another one', async () => {
  const { email, principal } = await harness.signUp('moving-out');
  const move = 'mutation ($input: RequestEmailChangeInput!) { requestEmailChange(input: $input) }';
  const confirm = 'mutation ($input: ConfirmEmailChangeInput!) { confirmEmailChange(input: $input) { isComplete } }';
  await harness.request(principal, move, { input: { newEmail: `thief.${email}` } });
  const tokens = await Promise.all([
    linkToken(smtp, `thief.${email}`, /Confirm your new/),
    linkToken(smtp, email, /want to change/),
  ]);
  expect(codeOf(await harness.request(principal, confirm, { input: { token: tokens[0] } }))).toBe('ok');
  expect(codeOf(await harness.request(principal, change, { input: another }))).toBe('ok');

  expect(codeOf(await harness.request(anonymous, confirm, { input: { token: tokens[1] } }))).toBe('BAD_USER_INPUT');
});

describe('sent to two instances in the same moment, four times', () => {
  const once = ['UNAUTHENTICATED', 'UNAUTHENTICATED', 'UNAUTHENTICATED', 'ok'];

  test('a recovery code lets in once', async () => {
    const { email, recoveryCodes } = await aProtectedPerson(harness, 'recovering');
    const { challengeId } = (await signIn(email)).data.signIn;

    expect(await atOnce(verify, { challengeId, code: recoveryCodes[0] })).toEqual(once);
  });

  test('one code of an app lets in once, by whichever of several sign-ins', async () => {
    const { email, code } = await aProtectedPerson(harness, 'several');
    const challenges = await Promise.all([1, 2, 3, 4].map(async () => (await signIn(email)).data.signIn.challengeId));
    const shown = code();

    const answers = await Promise.all(
      challenges.map((challengeId, turn) =>
        sendSigned<unknown>({ subgraph: 'auth', url: `${urls[turn % 2]}/graphql` }, anonymous, verify, {
          input: { challengeId, code: shown },
        }),
      ),
    );

    expect(answers.map(codeOf).sort()).toEqual(once);
  });

  test('a mailed link lets in once', async () => {
    const { email } = await harness.signUp('opened-twice');
    const request = 'mutation ($input: RequestSignInCodeInput!) { requestSignInCode(input: $input) { challengeId } }';
    await harness.request(anonymous, request, { input: { email } });
    const token = await linkToken(smtp, email, /code to sign in/);
    const enter = 'mutation ($input: SignInWithLinkInput!) { signInWithLink(input: $input) { __typename } }';

    expect(await atOnce(enter, { token })).toEqual(once);
  });

  test('a link to choose a new password chooses one', async () => {
    const { email } = await harness.signUp('chosen-twice');
    const request = 'mutation ($input: RequestPasswordResetInput!) { requestPasswordReset(input: $input) }';
    await harness.request(anonymous, request, { input: { email } });
    const token = await linkToken(smtp, email, /new password/);
    const reset = 'mutation ($input: ResetPasswordInput!) { resetPassword(input: $input) }';

    expect(await atOnce(reset, { token, newPassword: another.newPassword })).toEqual([
      'BAD_USER_INPUT',
      'BAD_USER_INPUT',
      'BAD_USER_INPUT',
      'ok',
    ]);
  });
});

test('a session that is revoked while it is refreshed gives out tokens of a session that has ended', async () => {
  const { tokens, principal, userId } = await harness.signUp('crossing');
  const outcomes: string[] = [];

  const { ended } = await harness.announcedDuring(async () => {
    const refreshing = Array.from({ length: 6 }, () =>
      harness.refresh(tokens.refreshToken).then(
        (next) => next.refreshToken,
        () => tokens.refreshToken,
      ),
    );
    const revoking = harness.request(principal, 'mutation { signOut }');
    outcomes.push(...(await Promise.all(refreshing)));
    expect(codeOf(await revoking)).toBe('ok');
  });

  expect(ended).toEqual([principal.sessionId]);
  for (const token of outcomes) await expect(harness.refresh(token)).rejects.toThrow('UNAUTHENTICATED');
  const alive = await harness.sql(`select 1 from session where user_id = '${userId}' and revoked_at is null`);
  expect(alive).toEqual([]);
});
