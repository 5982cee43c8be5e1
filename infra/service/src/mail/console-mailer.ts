import type { Logger } from '../logging/index.js';
import { assertMail } from './assert-mail.js';
import type { Mail, Mailer } from './mailer.js';

/** Creates a {@link Mailer} that logs each mail's text. For development only: mails hold links that let people in. */
export function createConsoleMailer(logger: Logger): Mailer {
  return {
    async send(mail: Mail): Promise<void> {
      assertMail(mail);
      const { to, subject, text } = mail;
      logger.info({ to, subject, text }, 'mail');
    },
  };
}
