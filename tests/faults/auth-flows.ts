import { randomUUID } from 'node:crypto';
import { beforeAll, expect, test } from '@jest/globals';
import { Secret, TOTP } from 'otpauth';
import { signUp } from '../e2e/people.js';
import { aProvenPerson } from '../e2e/ways-in.js';
import { linkToken } from '../support/account-mails.js';
import type { Cluster } from '../support/cluster.js';
import { eventually } from '../support/eventually.js';
import { ask, send } from '../support/graphql-client.js';
import { inTurns, unanswered } from './dying-auth.js';

const password = 'correct horse battery staple';

/** Of two instances of auth, the one dies in the middle of what somebody is at: no flow is lost, and none happens twice. */
export function defineAuthFlows(startedCluster: () => Cluster): void {
  let cluster: Cluster;
  let origin: string;
  beforeAll(() => {
    cluster = startedCluster();
    origin = cluster.origins[0] ?? '';
  });

  const input = (value: object) => ({ input: value });

  test('a sign-in with an authenticator app goes on where it did not begin, once', async () => {
    const person = await aProvenPerson({ origin, smtp: cluster.smtp }, 'Tara Two');
    const enroll = 'mutation { enrollTotp { secret } }';
    const confirm = 'mutation ($input: ConfirmTotpInput!) { confirmTotp(input: $input) { codes } }';
    const signIn = 'mutation ($input: SignInInput!) { signIn(input: $input) { ... on MfaRequired { challengeId } } }';
    const verify = 'mutation ($input: VerifyMfaInput!) { verifyMfa(input: $input) { user { id } } }';
    const token = person.accessToken;
    let [secret, code, challengeId] = ['', '', ''];
    const answers: unknown[] = [];

    await inTurns(cluster, [
      async () => void (secret = (await ask(origin, { query: enroll, token })).enrollTotp.secret),
      async () => {
        const variables = input({ code: totp(secret) });
        code = (await ask(origin, { query: confirm, variables, token })).confirmTotp.codes[0];
      },
      async () => {
        const variables = input({ email: person.email, password });
        challengeId = (await ask(origin, { query: signIn, variables })).signIn.challengeId;
      },
      async () => void answers.push(await send(origin, { query: verify, variables: input({ challengeId, code }) })),
      async () => void answers.push(await send(origin, { query: verify, variables: input({ challengeId, code }) })),
    ]);

    expect(answers).toMatchObject([{ data: { verifyMfa: { user: { id: person.id } } } }, { code: 'UNAUTHENTICATED' }]);
  }, 120_000);

  test('another password and another address come about though each mail was begun elsewhere', async () => {
    const { email, id, accessToken: token } = await aProvenPerson({ origin, smtp: cluster.smtp }, 'Rosa Reset');
    const newEmail = `new.${email}`;
    const newPassword = 'another horse, another staple';
    const request = 'mutation ($input: RequestPasswordResetInput!) { requestPasswordReset(input: $input) }';
    const reset = 'mutation ($input: ResetPasswordInput!) { resetPassword(input: $input) }';
    const signIn = `mutation ($input: SignInInput!) {
      signIn(input: $input) { ... on SignedIn { user { id } tokens { accessToken } } }
    }`;
    const move = 'mutation ($input: RequestEmailChangeInput!) { requestEmailChange(input: $input) }';
    const confirm = 'mutation ($input: ConfirmEmailChangeInput!) { confirmEmailChange(input: $input) { isComplete } }';
    const mailed = (mailbox: string, subject: RegExp): Promise<string> => linkToken(cluster.smtp, mailbox, subject);
    let resetToken = '';

    await inTurns(cluster, [
      async () => void (await ask(origin, { query: move, variables: input({ newEmail }), token })),
      async () => {
        const variables = input({ token: await mailed(email, /want to change/) });
        await ask(origin, { query: confirm, variables });
      },
      async () => {
        const variables = input({ token: await mailed(newEmail, /Confirm your new/) });
        await ask(origin, { query: confirm, variables, token });
      },
      async () => void (await ask(origin, { query: request, variables: input({ email: newEmail }) })),
      async () => {
        resetToken = await mailed(newEmail, /password/i);
        await ask(origin, { query: reset, variables: input({ token: resetToken, newPassword }) });
      },
    ]);

    const again = await send(origin, { query: reset, variables: input({ token: resetToken, newPassword: password }) });
    expect(again.errors).toBeDefined();
    const entered = await ask(origin, {
      query: signIn,
      variables: input({ email: newEmail, password: newPassword }),
    });
    expect(entered.signIn.user).toEqual({ id });
  }, 120_000);

  test('who signs up or renews tokens at that moment asks again, and has one account and one session', async () => {
    const sessions = await Promise.all(Array.from({ length: 10 }, () => signUp(origin, 'Ren Renew')));
    const emails = Array.from({ length: 10 }, () => `nick.new.${randomUUID()}@example.com`);
    const newcomer = 'mutation ($input: SignUpInput!) { signUp(input: $input) { user { id } } }';
    const renew = 'mutation ($token: String!) { refreshTokens(refreshToken: $token) { accessToken } }';
    let attempts = 0;
    /** As a client does that got no answer: the same once more. */
    const until = async (query: string, variables: object): Promise<Awaited<ReturnType<typeof send>>> => {
      for (;;) {
        attempts += 1;
        const answer = await send(origin, { query, variables });
        if (!unanswered.has(answer.code)) return answer;
      }
    };

    const working = [
      ...emails.map((email) => until(newcomer, input({ email, password, displayName: 'Nick New' }))),
      ...sessions.map(({ refreshToken }) => until(renew, { token: refreshToken })),
    ];
    await cluster.kill9('auth-1');
    const answers = await Promise.all(working);
    await cluster.start('auth-1');

    expect(attempts).toBeGreaterThanOrEqual(working.length);
    for (const { code } of answers.slice(0, emails.length)) expect([undefined, 'CONFLICT']).toContain(code);
    const renewed = answers.slice(emails.length);
    expect(renewed.map(({ code }) => code)).toEqual(renewed.map(() => undefined));
    for (const email of emails) {
      const query = `mutation ($input: SignInInput!) {
        signIn(input: $input) { ... on SignedIn { tokens { accessToken } } }
      }`;
      const { signIn } = await ask(origin, { query, variables: input({ email, password }) });
      const token = signIn.tokens.accessToken;
      await eventually(async () => {
        const { data } = await send(origin, { query: '{ me { displayName } }', token });
        return data?.me?.displayName === 'Nick New';
      });
    }
  }, 120_000);
}

const totp = (secret: string): string => new TOTP({ secret: Secret.fromBase32(secret) }).generate();
