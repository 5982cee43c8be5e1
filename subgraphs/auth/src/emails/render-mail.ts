import { layOutMail, mailLanguageOf, type LaidOutMail } from '@tessera/service/mail';
import { mailLanguages } from './templates/mail-languages.js';
import type { MailFact, MailLanguage, MailTemplate } from './templates/mail-template.js';
import type { MailKind } from './mail-kinds.js';

/** What one mail is about. */
export interface MailValues {
  readonly link?: string;
  readonly code?: string;
  /** What a mail of a session says of it. */
  readonly facts?: Readonly<Partial<Record<MailFact, string>>>;
}

/** Writes a mail in the language of a locale (BCP 47). */
export function renderMail(kind: MailKind, locale: string | null, values: MailValues): LaidOutMail {
  const language = mailLanguages[mailLanguageOf(locale)];
  return renderTemplate(language.tag, language.templates[kind], values);
}

/** Writes a mail that a template describes. */
export function renderTemplate(language: MailLanguage['tag'], template: MailTemplate, values: MailValues): LaidOutMail {
  const { subject, before, action, code, facts, after } = template;
  return layOutMail({
    language,
    subject,
    before,
    facts: facts && factLines(facts, values),
    code: labelled(code, values.code),
    action: labelled(action, values.link),
    after,
  });
}

function labelled(label: string | undefined, value: string | undefined) {
  return label === undefined || value === undefined ? undefined : { label, value };
}

/** Of what is known, a line each, in the template's order. */
function factLines(labels: NonNullable<MailTemplate['facts']>, { facts = {} }: MailValues): readonly string[] {
  return labels.flatMap(([fact, label]) => (facts[fact] === undefined ? [] : [`${label}: ${facts[fact]}`]));
}
