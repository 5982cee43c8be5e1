import { sqlOf, type RunSql } from '@tessera/service/database';
import type { Jobs } from '@tessera/service/jobs';
import type { Mailer } from '@tessera/service/mail';
import type { DataScope } from '@tessera/service/tenancy';
import { z } from 'zod';
import { mailText, noticeKinds, type AccountMailKind } from './mail-text.js';
import type { MailPurpose, MailTokens } from './mail-token.js';

const queue = 'account-mail';
const kinds = ['verify-email', 'reset-password', ...noticeKinds] as const satisfies readonly AccountMailKind[];
const payloadSchema = z.object({ kind: z.enum(kinds), email: z.string() });

const hourMs = 60 * 60 * 1_000;
const lifetimesMs: Readonly<Record<MailPurpose, number>> = { 'verify-email': 48 * hourMs, 'reset-password': hourMs };

/** Plans a mail. With a transaction it leaves if, and only if, that commits. */
export type PlanAccountMail = (kind: AccountMailKind, email: string, query?: RunSql) => Promise<void>;

/** While a mail of a kind to an address waits, another one is not planned: nobody's box is flooded through us. */
export function planAccountMails(jobs: Jobs): PlanAccountMail {
  return async (kind, email, query) => {
    const singletonKey = `${kind} ${email}`;
    await jobs.send(queue, { kind, email }, { singletonKey, ...(query !== undefined && { executor: query }) });
  };
}

export interface AccountMailsOptions {
  readonly mailer: Mailer;
  readonly tokens: MailTokens;
  readonly appUrl: string;
  readonly openScope: () => DataScope;
}

interface Recipient {
  readonly accountId: string;
  readonly passwordChangedAt: string | null;
}

/**
 * Works on the planned mails. Whether an address has an account is looked up here, so that who asked cannot tell, not even
 * by time.
 */
export async function sendAccountMails(jobs: Jobs, options: AccountMailsOptions): Promise<void> {
  const { mailer, tokens, appUrl, openScope } = options;
  await jobs.work(queue, async ({ payload }) => {
    const { kind, email } = payloadSchema.parse(payload);
    const recipient = await findRecipient(openScope(), email);
    if (recipient === undefined) return;
    const { accountId, passwordChangedAt } = recipient;
    const linkFor = (purpose: MailPurpose, path: string): string => {
      const content = { accountId, email, ...(passwordChangedAt !== null && { passwordChangedAt }) };
      const link = new URL(path, appUrl);
      // In the fragment, so that it reaches no server's log.
      link.hash = new URLSearchParams({ token: tokens.create(purpose, content, lifetimesMs[purpose]) }).toString();
      return link.href;
    };
    await mailer.send({ to: email, ...mailText(kind, linkFor) });
  });
}

async function findRecipient(scope: DataScope, email: string): Promise<Recipient | undefined> {
  try {
    const [recipient] = await scope.read((entityManager) =>
      sqlOf(entityManager)<Recipient>(
        `select account.id as "accountId", password.changed_at::text as "passwordChangedAt"
         from account left join password on password.account_id = account.id where account.email = $1`,
        [email],
      ),
    );
    return recipient;
  } finally {
    await scope.close();
  }
}
