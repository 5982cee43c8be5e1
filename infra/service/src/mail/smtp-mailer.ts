import { withDeadline } from '../deadline/index.js';
import { AppError } from '../errors/index.js';
import type { Lifecycle } from '../lifecycle/index.js';
import { assertMail } from './assert-mail.js';
import type { Mail, Mailer } from './mailer.js';
import { messageIdOf } from './message-id.js';
import { createTransport } from './nodemailer.js';

export interface SmtpMailerOptions {
  /** `smtp://user:password@host:587` (STARTTLS where the server offers it) or `smtps://…:465`. */
  readonly url: string;
  /** The sender, e.g. `Tessera <no-reply@example.com>`. */
  readonly from: string;
  readonly lifecycle: Pick<Lifecycle, 'defer'>;
  /** The most that one mail may take. Default 30 s. */
  readonly timeoutMs?: number;
}

/** Creates a {@link Mailer} over a pool of SMTP connections. */
export function createSmtpMailer({ url, from, lifecycle, timeoutMs = 30_000 }: SmtpMailerOptions): Mailer {
  const { protocol, hostname, port, username, password } = new URL(url);
  const secure = protocol === 'smtps:';
  const transport = createTransport(
    {
      pool: true,
      host: hostname,
      port: Number(port || (secure ? 465 : 587)),
      secure,
      maxConnections: 5,
      dnsTimeout: 5_000,
      connectionTimeout: 10_000,
      greetingTimeout: 10_000,
      socketTimeout: timeoutMs,
      // A mail is data: whatever it says, no file and no URL is read for it.
      disableFileAccess: true,
      disableUrlAccess: true,
      ...(username === '' ? {} : { auth: { user: decodeURIComponent(username), pass: decodeURIComponent(password) } }),
    },
    { from },
  );
  lifecycle.defer('mail', () => transport.close());

  return {
    async send(mail: Mail): Promise<void> {
      assertMail(mail);
      const { to, subject, text, html } = mail;
      const message = {
        ...messageIdOf(mail, from),
        to: { name: '', address: to },
        subject,
        text,
        ...(html === undefined ? {} : { html }),
      };
      try {
        await withDeadline(transport.sendMail(message), timeoutMs, 'Sending a mail');
      } catch (error) {
        if (isRefusedForGood(error))
          throw new AppError('BAD_USER_INPUT', 'Mail was refused by the server', { cause: error });
        throw new AppError('OVERLOADED', 'Mail was not handed over', { cause: error });
      }
    },
  };
}

/** The server spoke about this mail (not about our login), with a 5xx: sending it again would end the same way. */
function isRefusedForGood(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code, responseCode } = error as Error & { readonly code?: unknown; readonly responseCode?: unknown };
  const isAboutTheMail = code === 'EENVELOPE' || code === 'EMESSAGE';
  return isAboutTheMail && typeof responseCode === 'number' && responseCode >= 500;
}
