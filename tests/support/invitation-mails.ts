import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually } from './eventually.js';
import { parseMailMessage, type MailMessage } from './mail-message.js';
import type { CatchingSmtpServer } from './smtp-server.js';

/** Waits for the mail to an address, and answers the token in its link. */
export type ReadInvitation = (email: string) => Promise<string>;

/** Reads invitations where local mode puts them: one file for each mail. */
export function readInvitationsFromFolder(folder: string): ReadInvitation {
  return async (email) => {
    let token = '';
    await eventually(async () => {
      const names = (await readdir(folder)).filter((name) => name.endsWith('.eml'));
      const mails = await Promise.all(names.map((name) => readFile(join(folder, name), 'latin1')));
      const mail = mails.map(parseMailMessage).find(({ to }) => to.includes(email));
      token = mail === undefined ? '' : tokenOf(mail);
      return token !== '';
    });
    return token;
  };
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
