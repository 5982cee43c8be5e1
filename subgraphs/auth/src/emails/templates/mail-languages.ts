import type { MailLanguageTag } from '@tessera/service/mail';
import { chinese } from './chinese.js';
import { english } from './english.js';
import type { MailLanguage } from './mail-template.js';

/** What mails say, by language. */
export const mailLanguages: Readonly<Record<MailLanguageTag, MailLanguage>> = { en: english, zh: chinese };
