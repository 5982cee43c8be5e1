import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { withClient, withDatabase } from '@tessera/service/database';
import { createDomainEvent } from '@tessera/service/events';
import type { Principal } from '@tessera/service/identity';
import { linkToken } from '../../support/account-mails.js';
import {
  password,
  principalOf,
  startAuthHarness,
  type AuthHarness,
  type SignedUp,
} from '../../support/auth-harness.js';
import { eventually } from '../../support/eventually.js';
import { startSmtpServer, type CatchingSmtpServer } from '../../support/smtp-server.js';
import { anonymous, type GraphqlAnswer } from '../../support/subgraph-harness.js';

let smtp: CatchingSmtpServer;
let harness: AuthHarness;

beforeAll(async () => {
  smtp = await startSmtpServer();
  harness = await startAuthHarness({
    MAIL_URL: smtp.url,
    SUPER_ADMIN_EMAILS: 'chief@example.com',
    EMAIL_VERIFICATION: 'off',
  });
}, 60_000);

afterAll(async () => {
  await harness.stop();
  await smtp.stop();
});

const codeOf = ({ errors }: GraphqlAnswer<unknown>) => errors?.[0]?.extensions.code;

const request = ({ principal }: SignedUp, newEmail: string) =>
  harness.request(principal, 'mutation ($input: RequestEmailChangeInput!) { requestEmailChange(input: $input) }', {
    input: { newEmail },
  });

const confirm = (token: string, by: Principal = anonymous) =>
  harness.request(
    by,
    'mutation ($input: ConfirmEmailChangeInput!) { confirmEmailChange(input: $input) { isComplete } }',
    { input: { token } },
  );

const signIn = (email: string) =>
  harness.request(anonymous, 'mutation ($input: SignInInput!) { signIn(input: $input) { __typename } }', {
    input: { email, password },
  });

const oldSubject = /want to change your address/;
const newSubject = /Confirm your new/;

describe('a change of address', () => {
  test.each(['old', 'new'] as const)(
    'is made when both have confirmed it, the %s one first; the old one is told',
    async (first) => {
      const person = await harness.signUp(`mover-${first}`);
      const newEmail = `moved-${first}@example.com`;
      expect((await request(person, newEmail)).data.requestEmailChange).toBe(true);
      const ofOld = await linkToken(smtp, person.email, oldSubject);
      const ofNew = await linkToken(smtp, newEmail, newSubject);
      const [earlier, later] = first === 'old' ? [ofOld, ofNew] : [ofNew, ofOld];

      const half = await confirm(earlier, person.principal);
      const repeated = await confirm(earlier, person.principal);
      const before = await signIn(newEmail);
      const whole = await confirm(later, person.principal);

      expect(half.data.confirmEmailChange).toEqual({ isComplete: false });
      expect(repeated.data.confirmEmailChange).toEqual({ isComplete: false });
      expect(codeOf(before)).toBe('UNAUTHENTICATED');
      expect(whole.data.confirmEmailChange).toEqual({ isComplete: true });
      expect((await signIn(newEmail)).errors).toBeUndefined();
      expect(codeOf(await signIn(person.email))).toBe('UNAUTHENTICATED');
      expect(codeOf(await confirm(later))).toBe('BAD_USER_INPUT');
      await smtp.nextMail(
        ({ recipients, subject }) => recipients.includes(person.email) && /was changed/.test(subject),
      );
    },
  );

  test('takes along at once what the old address granted', async () => {
    const chief = await harness.signUp('chief');
    expect(chief.principal.roles).toEqual(['SUPER_ADMIN']);
    await request(chief, 'retired@example.com');
    await confirm(await linkToken(smtp, chief.email, oldSubject));
    const token = await linkToken(smtp, 'retired@example.com', newSubject);

    const { renewed } = await harness.announcedDuring(() => confirm(token, chief.principal));

    expect(renewed).toEqual([chief.principal.sessionId]);
    const refreshed = await harness.refresh(chief.tokens.refreshToken);
    expect(principalOf(refreshed.accessToken).roles).toEqual([]);
  });

  test('is confirmed for the new address by who is signed in to the account alone', async () => {
    const thief = await harness.signUp('thief-of-addresses');
    const tricked = await harness.signUp('tricked-into-it');
    await request(thief, 'boss@example.com');
    await confirm(await linkToken(smtp, thief.email, oldSubject));
    const token = await linkToken(smtp, 'boss@example.com', newSubject);

    expect(codeOf(await confirm(token))).toBe('UNAUTHENTICATED');
    expect(codeOf(await confirm(token, tricked.principal))).toBe('FORBIDDEN');

    expect(codeOf(await signIn('boss@example.com'))).toBe('UNAUTHENTICATED');
    expect((await confirm(token, thief.principal)).data.confirmEmailChange).toEqual({ isComplete: true });
  });

  test('needs a recent proof', async () => {
    const person = await harness.signUp('stale-mover');
    await harness.sql(
      `update session set authenticated_at = now() - interval '16 minutes' where user_id = '${person.userId}'`,
    );

    const answer = await request(person, 'elsewhere@example.com');

    expect(answer.errors?.[0]?.extensions.details).toMatchObject({ reason: 'REAUTHENTICATION_REQUIRED' });
  });

  test('to an address with an account is answered the same, and its owner is told', async () => {
    const owner = await harness.signUp('owner-of-it');
    const person = await harness.signUp('wants-it');

    expect((await request(person, owner.email)).data.requestEmailChange).toBe(true);

    const told = await smtp.nextMail(({ recipients }) => recipients.includes(owner.email));
    expect(told.subject).toBe('You have an account already');
    expect(told.text).not.toContain('#token=');
  });

  test('to an address that somebody takes meanwhile is not made', async () => {
    const person = await harness.signUp('too-slow');
    await request(person, 'coveted@example.com');
    await confirm(await linkToken(smtp, person.email, oldSubject));
    const token = await linkToken(smtp, 'coveted@example.com', newSubject);
    await harness.signUp('coveted');

    expect(codeOf(await confirm(token, person.principal))).toBe('CONFLICT');
    expect((await signIn(person.email)).errors).toBeUndefined();
  });

  test('of two people to one address at once is made for one of them; repeated at once it is made once', async () => {
    const newEmail = 'wanted-by-two@example.com';
    const people = [await harness.signUp('wants-first'), await harness.signUp('wants-second')];
    const tokens: string[] = [];
    for (const person of people) {
      await request(person, newEmail);
      await confirm(await linkToken(smtp, person.email, oldSubject));
      const { text } = await smtp.nextMail(
        (mail) => mail.recipients.includes(newEmail) && tokens.every((token) => !mail.text.includes(token)),
      );
      tokens.push(decodeURIComponent(/#token=(\S+)/.exec(text)?.[1] ?? ''));
    }

    const answers = await Promise.all(
      [...tokens, ...tokens].map((token, index) => confirm(token, people[index % 2]?.principal)),
    );

    const isComplete = (answer: Awaited<ReturnType<typeof confirm>>) => answer.data?.confirmEmailChange?.isComplete;
    expect(answers.filter((answer) => isComplete(answer) === true)).toHaveLength(1);
    const codes = answers.map(codeOf).filter((code) => code !== undefined);
    // Of the same link twice, the second is over; the other person's conflicts, both times.
    expect(codes.toSorted()).toEqual(['BAD_USER_INPUT', 'CONFLICT', 'CONFLICT']);
  });

  test('that meets a sign-up with the address on its way is a conflict, not a failure', async () => {
    const person = await harness.signUp('meets-a-sign-up');
    const newEmail = 'signing-up@example.com';
    await request(person, newEmail);
    await confirm(await linkToken(smtp, person.email, oldSubject));
    const token = await linkToken(smtp, newEmail, newSubject);

    const answer = await withClient(withDatabase(harness.adminUrl, 'tessera_auth'), async (signUp) => {
      await signUp.query('begin');
      await signUp.query(`insert into account (id, email, created_at) values (gen_random_uuid(), $1, now())`, [
        newEmail,
      ]);
      const confirming = confirm(token, person.principal);
      await eventually(async () => {
        const waiting = await harness.sql(
          `select 1 from pg_stat_activity where wait_event_type = 'Lock' and query like 'update account set email%'`,
        );
        return waiting.length > 0;
      }, 20_000);
      await signUp.query('commit');
      return confirming;
    });

    expect(codeOf(answer)).toBe('CONFLICT');
    expect((await signIn(person.email)).errors).toBeUndefined();
  }, 30_000);

  test('is over after a day, and when another one is asked for', async () => {
    const person = await harness.signUp('undecided');
    await request(person, 'first-choice@example.com');
    const first = await linkToken(smtp, 'first-choice@example.com', newSubject);
    await request(person, 'second-choice@example.com');
    const second = await linkToken(smtp, 'second-choice@example.com', newSubject);
    await harness.sql(`update email_change set expires_at = now() where user_id = '${person.userId}'`);

    expect(codeOf(await confirm(first))).toBe('BAD_USER_INPUT');
    expect(codeOf(await confirm(second))).toBe('BAD_USER_INPUT');
    expect(codeOf(await confirm('nonsense'))).toBe('BAD_USER_INPUT');
  });
});

describe('mails of notifications', () => {
  const due = (userId: string, kind: string, data: Record<string, string>, notBefore: string | null = null) =>
    createDomainEvent({ type: 'notification.mailDue', payload: { userId, kind, data, notBefore } });

  test.each([
    ['en', 'de-CH', /^You are in Kestrel Ltd$/, /taken into Kestrel Ltd\./],
    ['zh', 'zh-CN', /^您已加入 Kestrel Ltd$/, /您已成为 Kestrel Ltd 的成员/],
  ])(
    'go to the address of the person, in their language (%s), names on one line',
    async (tag, locale, subject, text) => {
      const person = await harness.signUp(`told-${tag}`);
      const choice = createDomainEvent({ type: 'profile.localeChanged', payload: { userId: person.userId, locale } });
      await harness.deliver(choice);

      await harness.deliver(due(person.userId, 'JOINED_TENANT', { tenantName: 'Kestrel\r\nLtd' }));
      const mail = await smtp.nextMail(
        ({ recipients, subject: said }) => recipients.includes(person.email) && subject.test(said),
      );

      expect(mail.text).toMatch(text);
      expect(mail.text).toContain('/notifications');
    },
  );

  test('wait for the end of quiet hours, and go to nobody for what nobody knows', async () => {
    const person = await harness.signUp('quiet');
    const inAnHour = new Date(Date.now() + 3_600_000).toISOString();
    await harness.deliver(due(person.userId, 'ALERT_FIRED', { ruleName: 'Later' }, inAnHour));
    await harness.deliver(due(person.userId, 'GOSSIP', {}));

    const planned = await harness.sql(
      `select data ->> 'kind' as kind, start_after > now() + interval '59 minutes' as waits
       from jobs.job where name = 'notification-mail' and data ->> 'userId' = '${person.userId}' order by kind`,
    );

    expect(planned).toEqual([
      { kind: 'ALERT_FIRED', waits: true },
      { kind: 'GOSSIP', waits: false },
    ]);
    expect(
      smtp.mails.filter(({ recipients, subject }) => recipients.includes(person.email) && /Later/.test(subject)),
    ).toEqual([]);
  });
});
