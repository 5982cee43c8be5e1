import { fileURLToPath } from 'node:url';
import { ConfigError } from '../config/index.js';
import type { Lifecycle } from '../lifecycle/index.js';
import type { Logger } from '../logging/index.js';
import { createConsoleMailer } from './console-mailer.js';
import { createFileMailer } from './file-mailer.js';
import type { Mailer } from './mailer.js';
import { createSmtpMailer } from './smtp-mailer.js';

export interface CreateMailerOptions {
  /** `smtp://…` or `smtps://…`, `file:///folder`, or `console:`. */
  readonly url: string;
  /** The sender, e.g. `Tessera <no-reply@example.com>`. */
  readonly from: string;
  readonly logger: Logger;
  readonly lifecycle: Pick<Lifecycle, 'defer'>;
}

/**
 * Creates the mailer that a URL names.
 *
 * @throws ConfigError without the URL's text, for it may carry a password
 */
export function createMailer({ url, from, logger, lifecycle }: CreateMailerOptions): Mailer {
  switch (URL.canParse(url) ? new URL(url).protocol : undefined) {
    case 'smtp:':
    case 'smtps:':
      return createSmtpMailer({ url, from, lifecycle });
    case 'file:':
      return createFileMailer({ folder: fileURLToPath(url), from });
    case 'console:':
      return createConsoleMailer(logger);
    default:
      throw new ConfigError(['MAIL_URL: expected smtp://, smtps://, file:///folder or console:']);
  }
}
