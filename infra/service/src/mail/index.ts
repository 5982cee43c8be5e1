export { createConsoleMailer } from './console-mailer.js';
export { createMailer, type CreateMailerOptions } from './create-mailer.js';
export { createFileMailer, type FileMailerOptions } from './file-mailer.js';
export { isRefusedMail, mailRetryLimit } from './mail-attempts.js';
export type { Mail, Mailer } from './mailer.js';
export { createSmtpMailer, type SmtpMailerOptions } from './smtp-mailer.js';
