import { nextMailWithLink } from './mail-folder.js';
import type { MailMessage } from './mail-message.js';
import type { CatchingSmtpServer } from './smtp-server.js';

/** Waits for the mail to an address, and answers the token in its link. */
export type ReadInvitation = (email: string) => Promise<string>;

/** Reads invitations where local mode puts them. */
export function readInvitationsFromFolder(folder: string): ReadInvitation {
  return async (email) => tokenOf(await nextMailWithLink(folder, email, '/invitations/accept'));
}

/** Reads invitations that were sent by SMTP. */
export function readInvitationsFromSmtp(smtp: CatchingSmtpServer): ReadInvitation {
  return async (email) =>
    // Mails of other things have no token.
    tokenOf(await smtp.nextMail(({ recipients, text }) => recipients.includes(email) && text.includes('#token=')));
}

function tokenOf({ text }: MailMessage): string {
  const token = /#token=(\S+)/.exec(text)?.[1];
  if (token === undefined) throw new Error(`No link with a token is in the mail:\n${text}`);
  return decodeURIComponent(token);
}
