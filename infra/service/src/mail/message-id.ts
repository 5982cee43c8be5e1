import type { Mail } from './mailer.js';

/** The `Message-ID` of a mail that has an id of its own, in the sender's domain; otherwise the mailer makes one up. */
export function messageIdOf({ id }: Mail, from: string): { readonly messageId?: string } {
  const domain = /@([\w.-]+)/.exec(from)?.[1] ?? 'localhost';
  return id === undefined ? {} : { messageId: `<${id}@${domain}>` };
}
