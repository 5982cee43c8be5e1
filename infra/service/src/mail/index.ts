export { createConsoleMailer } from './console-mailer.js';
export { createMailer, type CreateMailerOptions } from './create-mailer.js';
export { createFileMailer, type FileMailerOptions } from './file-mailer.js';
export { layOutMail, type LabelledText, type LaidOutMail, type MailCopy } from './lay-out-mail.js';
export { isRefusedMail, mailRetryLimit } from './mail-attempts.js';
export { mailLanguageOf, type MailLanguageTag } from './mail-language.js';
export type { Mail, Mailer } from './mailer.js';
export { createSmtpMailer, type SmtpMailerOptions } from './smtp-mailer.js';
