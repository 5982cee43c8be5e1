/** Languages that mails are written in. */
export type MailLanguageTag = 'en' | 'zh';

/** The language of mails to who has chosen a locale (BCP 47): Chinese, or else English. */
export function mailLanguageOf(locale: string | null | undefined): MailLanguageTag {
  return locale?.toLowerCase().split('-')[0] === 'zh' ? 'zh' : 'en';
}
