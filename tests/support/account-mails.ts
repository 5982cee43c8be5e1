import type { CatchingSmtpServer, CaughtMail } from './smtp-server.js';

/** The token of the link in the first mail to an address whose subject says what it is about. */
export async function linkToken(smtp: CatchingSmtpServer, email: string, subject: RegExp): Promise<string> {
  const mail = await smtp.nextMail((caught) => caught.recipients.includes(email) && subject.test(caught.subject));
  return linkTokenIn(mail);
}

/** The same of a mail that is at hand. */
export function linkTokenIn({ text }: CaughtMail): string {
  return decodeURIComponent(/#token=([^\s"<&]+)/.exec(text)?.[1] ?? '');
}
