import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { v7 as uuidV7 } from 'uuid';
import { assertMail } from './assert-mail.js';
import type { Mail, Mailer } from './mailer.js';
import { messageIdOf } from './message-id.js';
import { createTransport } from './nodemailer.js';

export interface FileMailerOptions {
  /** Created when it is absent. */
  readonly folder: string;
  /** The sender, e.g. `Tessera <no-reply@example.com>`. */
  readonly from: string;
}

/** Creates a {@link Mailer} for local mode: every mail becomes one `.eml` file, named so that they sort by time. */
export function createFileMailer({ folder, from }: FileMailerOptions): Mailer {
  const transport = createTransport(
    { streamTransport: true, buffer: true, newline: 'windows', disableFileAccess: true, disableUrlAccess: true },
    { from },
  );
  return {
    async send(mail: Mail): Promise<void> {
      assertMail(mail);
      const { to, subject, text, html } = mail;
      const { message } = await transport.sendMail({
        ...messageIdOf(mail, from),
        to: { name: '', address: to },
        subject,
        text,
        ...(html === undefined ? {} : { html }),
      });
      await mkdir(folder, { recursive: true });
      const file = join(folder, `${uuidV7()}.eml`);
      // Renamed when whole, so that nobody who watches the folder reads half a mail.
      await writeFile(`${file}.part`, message as Buffer);
      await rename(`${file}.part`, file);
    },
  };
}
