import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startAuthHarness, type AuthHarness } from '../../support/auth-harness.js';
import { eventually } from '../../support/eventually.js';
import { startSmtpServer, type CatchingSmtpServer } from '../../support/smtp-server.js';
import { anonymous } from '../../support/subgraph-harness.js';

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

const requestCode = (email: string) =>
  harness.request(
    anonymous,
    'mutation ($input: RequestSignInCodeInput!) { requestSignInCode(input: $input) { expiresAt } }',
    {
      input: { email },
    },
  );

interface MailJob {
  readonly state: string;
  readonly attempts: number;
  readonly longestSeconds: number;
}

/** The job of the sign-in mail to an address. */
async function mailJob(email: string): Promise<MailJob | undefined> {
  const rows = await harness.sql(
    `select state::text as state, retry_count as attempts, retry_limit * retry_delay_max as "longestSeconds"
     from jobs.job where name = 'account-mail' and data ->> 'kind' = 'sign-in' and data ->> 'email' = '${email}'`,
  );
  return rows[0] as unknown as MailJob | undefined;
}

/** Has the job tried now, whenever its next attempt was to be. */
const tryNow = (email: string) =>
  harness.sql(`update jobs.job set start_after = now() where state = 'retry' and data ->> 'email' = '${email}'`);

const mailsTo = (email: string) =>
  smtp.mails.filter(({ recipients, subject }) => recipients.includes(email) && subject.includes('code to sign in'));

test('a mail that cannot be handed over is kept for a day, and leaves once it can', async () => {
  const { email } = await harness.signUp('patient');
  smtp.refuseWith(451);
  await requestCode(email);
  await eventually(async () => (await mailJob(email))?.state === 'retry');

  expect((await mailJob(email))?.longestSeconds).toBeGreaterThanOrEqual(24 * 60 * 60);
  smtp.refuseWith(undefined);
  await tryNow(email);

  await smtp.nextMail(() => mailsTo(email).length > 0);
}, 60_000);

test('a mail whose code has expired meanwhile does not leave', async () => {
  const { email } = await harness.signUp('late');
  smtp.refuseWith(451);
  await requestCode(email);
  await eventually(async () => (await mailJob(email))?.state === 'retry');

  await harness.sql(`update email_sign_in set expires_at = now() where email = '${email}'`);
  smtp.refuseWith(undefined);
  await tryNow(email);

  await eventually(async () => (await mailJob(email))?.state === 'completed');
  expect(mailsTo(email)).toEqual([]);
}, 60_000);

test('a mail that the server refuses for good is tried once', async () => {
  const { email } = await harness.signUp('refused');
  smtp.refuseWith(550);
  await requestCode(email);

  await eventually(async () => (await mailJob(email))?.state === 'completed');
  expect((await mailJob(email))?.attempts).toBe(0);
}, 60_000);
