import { sqlOf, type RunSql } from '@tessera/service/database';
import type { JobHandler, Jobs } from '@tessera/service/jobs';
import type { Mailer } from '@tessera/service/mail';
import type { DataScope } from '@tessera/service/tenancy';
import { z } from 'zod';
import { mailKinds, mailPurposes, type MailKind, type MailPurpose } from './mail-kinds.js';
import type { MailTokens } from './mail-token.js';
import { renderMail, type MailValues } from './render-mail.js';

const queue = 'account-mail';
/** As many as the mailer has connections: somebody waits for each. */
const concurrency = 5;
const payloadSchema = z.object({ kind: z.enum(mailKinds), email: z.string(), reference: z.string().optional() });

const hourMs = 60 * 60 * 1_000;
const lifetimesMs: Readonly<Record<MailPurpose, number>> = { 'verify-email': 48 * hourMs, 'reset-password': hourMs };

export interface PlannedMail {
  readonly kind: MailKind;
  readonly email: string;
  /** Names the row that the mail is about. Never a secret: jobs are rows that are kept. */
  readonly reference?: string | undefined;
}

/** Plans a mail. With a transaction it leaves if, and only if, that commits. */
export type PlanAccountMail = (kind: MailKind, email: string, query?: RunSql, reference?: string) => Promise<void>;

/** While an equal mail to an address waits, another one is not planned: nobody's box is flooded through us. */
export function planAccountMails(jobs: Jobs): PlanAccountMail {
  return async (kind, email, query, reference) => {
    const singletonKey = [kind, email, ...(reference === undefined ? [] : [reference])].join(' ');
    const payload = { kind, email, ...(reference !== undefined && { reference }) };
    await jobs.send(queue, payload, { singletonKey, ...(query !== undefined && { executor: query }) });
  };
}

/** Whom a mail goes to. */
export interface MailRecipient {
  readonly accountId: string;
  readonly passwordChangedAt: string | null;
  /** BCP 47; null where the person has chosen none. */
  readonly locale: string | null;
}

/** What a mail of a kind holds. @returns undefined where it is not to be sent any more */
export type MailValuesSource = (mail: PlannedMail, recipient: MailRecipient) => Promise<MailValues | undefined>;

export interface AccountMailsOptions {
  readonly mailer: Mailer;
  readonly openScope: () => DataScope;
  readonly valuesOf: (kind: MailKind) => MailValuesSource;
}

/**
 * Works on the planned mails. Whether an address has an account is looked up here, so that who asked cannot tell, not even
 * by time. What a mail holds depends on its job alone: one that is tried again says the same, under the same id.
 */
export async function sendAccountMails(
  jobs: Jobs,
  { mailer, openScope, valuesOf }: AccountMailsOptions,
): Promise<void> {
  const send: JobHandler = async ({ id, payload }) => {
    const mail = payloadSchema.parse(payload);
    const recipient = await findRecipient(openScope(), mail.email);
    const values = recipient && (await valuesOf(mail.kind)(mail, recipient));
    if (recipient === undefined || values === undefined) return;
    await mailer.send({ id, to: mail.email, ...renderMail(mail.kind, recipient.locale, values) });
  };
  await jobs.work(queue, send, { concurrency });
}

/** Values of the mails that hold a sealed link, or nothing but their text. */
export function createLinkValues(tokens: MailTokens, appUrl: string): MailValuesSource {
  return async ({ kind, email }, { accountId, passwordChangedAt }) => {
    const purpose = mailPurposes.find((name) => name === kind);
    if (purpose === undefined) return {};
    const content = { accountId, email, ...(passwordChangedAt !== null && { passwordChangedAt }) };
    return { link: appLink(appUrl, `/${purpose}`, tokens.create(purpose, content, lifetimesMs[purpose])) };
  };
}

/** A link into the front end. The token is in the fragment, so that it reaches no server's log. */
export function appLink(appUrl: string, path: string, token: string): string {
  const link = new URL(path, appUrl);
  link.hash = new URLSearchParams({ token }).toString();
  return link.href;
}

async function findRecipient(scope: DataScope, email: string): Promise<MailRecipient | undefined> {
  try {
    const [recipient] = await scope.read((entityManager) =>
      sqlOf(entityManager)<MailRecipient>(
        `select account.id as "accountId", password.changed_at::text as "passwordChangedAt", account.locale
         from account left join password on password.account_id = account.id where account.email = $1`,
        [email],
      ),
    );
    return recipient;
  } finally {
    await scope.close();
  }
}
