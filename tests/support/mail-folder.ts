import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually } from './eventually.js';
import { parseMailMessage, type MailMessage } from './mail-message.js';

/** Waits for a mail to an address with a link to a path, where local mode puts mails: one file for each. */
export async function nextMailWithLink(folder: string, email: string, path: string): Promise<MailMessage> {
  let found: MailMessage | undefined;
  await eventually(async () => {
    const names = (await readdir(folder)).filter((name) => name.endsWith('.eml'));
    const mails = await Promise.all(names.map((name) => readFile(join(folder, name), 'latin1')));
    found = mails.map(parseMailMessage).find(({ to, text }) => to === email && text.includes(`${path}#token=`));
    return found !== undefined;
  });
  if (found === undefined) throw new Error(`No mail with a link to ${path} has come to ${email}`);
  return found;
}

/** The link of a mail, whole. */
export function linkIn({ text }: MailMessage): string {
  const link = /https?:\S+#token=\S+/.exec(text)?.[0];
  if (link === undefined) throw new Error(`No link is in the mail:\n${text}`);
  return link;
}
