import type { AuthConfig } from '../config.js';
import type { SignInSecrets } from '../email-sign-in/sign-in-secrets.js';
import { appLink, createLinkValues, type MailValuesSource } from './account-mails.js';
import type { MailKind } from './mail-kinds.js';
import type { MailTokens } from './mail-token.js';

export interface MailValuesOptions {
  readonly config: Pick<AuthConfig, 'APP_URL'>;
  readonly mailTokens: MailTokens;
  readonly signInSecrets: SignInSecrets;
}

/** Where each kind of mail has its links and codes from. */
export function createMailValues(options: MailValuesOptions): (kind: MailKind) => MailValuesSource {
  const { config, mailTokens, signInSecrets } = options;
  const linkValues = createLinkValues(mailTokens, config.APP_URL);
  const signInValues: MailValuesSource = async ({ reference = '' }) => {
    const challengeHash = Buffer.from(reference, 'base64url');
    const link = appLink(config.APP_URL, '/sign-in', signInSecrets.linkTokenFor(challengeHash));
    return { code: signInSecrets.codeFor(challengeHash), link };
  };
  return (kind) => (kind === 'sign-in' ? signInValues : linkValues);
}
