import type { RunSql } from '@tessera/service/database';
import type { JobHandler, Jobs } from '@tessera/service/jobs';
import { isRefusedMail, mailRetryLimit, type Mailer } from '@tessera/service/mail';
import type { DataScope } from '@tessera/service/tenancy';
import { z } from 'zod';
import { mailKinds, type MailKind } from './mail-kinds.js';
import { countMail } from './mail-limit.js';
import { renderMail, type MailValues } from './render-mail.js';

const queue = 'account-mail';
/** As many as the mailer has connections: somebody waits for each. */
const concurrency = 5;
const payloadSchema = z.object({ kind: z.enum(mailKinds), email: z.string(), reference: z.string().optional() });

export interface PlannedMail {
  readonly kind: MailKind;
  readonly email: string;
  /** Names the row that the mail is about. Never a secret: jobs are rows that are kept. */
  readonly reference?: string | undefined;
}

/** Plans a mail. With a transaction it leaves if, and only if, that commits. */
export type PlanAccountMail = (kind: MailKind, email: string, query?: RunSql, reference?: string) => Promise<void>;

/** While an equal mail to an address waits, another one is not planned, and of what anybody can ask for only so many are. */
export function planAccountMails(jobs: Jobs, openScope: () => DataScope): PlanAccountMail {
  return async (kind, email, query, reference) => {
    const runSql: RunSql = query ?? ((sql, parameters = []) => openScope().runAlone(sql, parameters));
    if (!(await countMail(kind, email, runSql))) return;
    const singletonKey = [kind, email, ...(reference === undefined ? [] : [reference])].join(' ');
    const payload = { kind, email, ...(reference !== undefined && { reference }) };
    const options = { singletonKey, retryLimit: mailRetryLimit };
    await jobs.send(queue, payload, { ...options, ...(query !== undefined && { executor: query }) });
  };
}

/** What is sent in the end. */
export interface MailContent {
  readonly kind: MailKind;
  /** BCP 47; null where the person has chosen none. */
  readonly locale: string | null;
  readonly values: MailValues;
}

/** What a planned mail holds. @returns undefined where it is not to be sent (any more) */
export type MailSource = (mail: PlannedMail) => Promise<MailContent | undefined>;

export interface AccountMailsOptions {
  readonly mailer: Mailer;
  readonly sourceOf: (kind: MailKind) => MailSource;
}

/**
 * Works on the planned mails. Whether an address has an account is looked up here, so that who asked cannot tell, not even
 * by time; and whether it is still of use, for the mail server may have been away. What a mail holds depends on its job alone: one that is tried again says the same, under the same id.
 */
export async function sendAccountMails(jobs: Jobs, { mailer, sourceOf }: AccountMailsOptions): Promise<void> {
  const send: JobHandler = async ({ id, payload }) => {
    const mail = payloadSchema.parse(payload);
    const content = await sourceOf(mail.kind)(mail);
    if (content === undefined) return;
    await mailer.send({ id, to: mail.email, ...renderMail(content.kind, content.locale, content.values) });
  };
  await jobs.work(queue, send, { concurrency, givesUpOn: isRefusedMail });
}

/** A link into the front end. The token is in the fragment, so that it reaches no server's log. */
export function appLink(appUrl: string, path: string, token: string): string {
  const link = new URL(path, appUrl);
  link.hash = new URLSearchParams({ token }).toString();
  return link.href;
}
