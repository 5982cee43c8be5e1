import { sqlOf } from '@tessera/service/database';
import type { DataScope } from '@tessera/service/tenancy';
import type { AuthConfig } from '../config.js';
import { createChangeMails } from '../email-change/change-mails.js';
import type { ChangeLinks } from '../email-change/change-link.js';
import type { SignInSecrets } from '../email-sign-in/sign-in-secrets.js';
import { appLink, type MailSource, type PlannedMail } from './account-mails.js';
import { mailPurposes, sessionMailKinds, type MailKind, type MailPurpose } from './mail-kinds.js';
import type { MailTokens } from './mail-token.js';
import type { MailValues } from './render-mail.js';
import { createSessionMails } from './session-mails.js';

export interface MailSourcesOptions {
  readonly config: Pick<AuthConfig, 'APP_URL'>;
  readonly openScope: () => DataScope;
  readonly mailTokens: MailTokens;
  readonly signInSecrets: SignInSecrets;
  readonly changeLinks: ChangeLinks;
}

const hourMs = 60 * 60 * 1_000;
const lifetimesMs: Readonly<Record<MailPurpose, number>> = { 'verify-email': 48 * hourMs, 'reset-password': hourMs };

interface Recipient {
  readonly accountId: string;
  readonly passwordChangedAt: string | null;
  readonly locale: string | null;
}

/** Where each kind of mail has its links and codes from. */
export function createMailSources(options: MailSourcesOptions): (kind: MailKind) => MailSource {
  const { config, openScope, mailTokens, signInSecrets, changeLinks } = options;
  const appUrl = config.APP_URL;
  const toAccount =
    (valuesOf: (mail: PlannedMail, recipient: Recipient) => MailValues, column: 'email' | 'id' = 'email'): MailSource =>
    async (mail) => {
      const recipient = await findRecipient(openScope(), column, (column === 'id' ? mail.reference : mail.email) ?? '');
      return recipient && { kind: mail.kind, locale: recipient.locale, values: valuesOf(mail, recipient) };
    };
  const linkFor = (purpose: MailPurpose): MailSource =>
    toAccount(({ email }, { accountId, passwordChangedAt }) => {
      const content = { accountId, email, ...(passwordChangedAt !== null && { passwordChangedAt }) };
      return { link: appLink(appUrl, `/${purpose}`, mailTokens.create(purpose, content, lifetimesMs[purpose])) };
    });
  const sessions = createSessionMails(openScope);
  const changes = createChangeMails({ openScope, links: changeLinks, appUrl });
  const special: Readonly<Partial<Record<MailKind, MailSource>>> = {
    ...Object.fromEntries(mailPurposes.map((purpose) => [purpose, linkFor(purpose)])),
    'sign-in': async (mail) => {
      const challengeHash = Buffer.from(mail.reference ?? '', 'base64url');
      if (!(await isWaitedFor(openScope(), challengeHash))) return undefined;
      const link = appLink(appUrl, '/sign-in', signInSecrets.linkTokenFor(challengeHash));
      return toAccount(() => ({ code: signInSecrets.codeFor(challengeHash), link }))(mail);
    },
    ...Object.fromEntries(sessionMailKinds.map((kind) => [kind, sessions])),
    'change-email': changes.old,
    'confirm-new-email': changes.new,
    // To the address that the account has no longer.
    'email-changed': toAccount(() => ({}), 'id'),
  };
  const notice = toAccount(() => ({}));
  return (kind) => special[kind] ?? notice;
}

async function findRecipient(scope: DataScope, column: 'email' | 'id', value: string): Promise<Recipient | undefined> {
  try {
    const [recipient] = await scope.read((entityManager) =>
      sqlOf(entityManager)<Recipient>(
        `select account.id as "accountId", password.changed_at::text as "passwordChangedAt", account.locale
         from account left join password on password.account_id = account.id where account.${column} = $1`,
        [value],
      ),
    );
    return recipient;
  } finally {
    scope.close();
  }
}

/** Whether a request to sign in can still be answered by what its mail holds. */
async function isWaitedFor(scope: DataScope, challengeHash: Buffer): Promise<boolean> {
  try {
    const requests = await scope.read((entityManager) =>
      sqlOf(entityManager)(
        'select 1 from email_sign_in where challenge_hash = $1 and used_at is null and expires_at > now()',
        [challengeHash],
      ),
    );
    return requests.length > 0;
  } finally {
    scope.close();
  }
}
