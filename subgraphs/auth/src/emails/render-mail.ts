import { chinese } from './templates/chinese.js';
import { english } from './templates/english.js';
import type { MailFact, MailLanguage, MailTemplate } from './templates/mail-template.js';
import type { MailKind } from './mail-kinds.js';

/** What one mail is about. */
export interface MailValues {
  readonly link?: string;
  readonly code?: string;
  /** What a mail of a session says of it. */
  readonly facts?: Readonly<Partial<Record<MailFact, string>>>;
}

export interface RenderedMail {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** Writes a mail in the language of a locale (BCP 47): Chinese, or else English. */
export function renderMail(kind: MailKind, locale: string | null, values: MailValues): RenderedMail {
  const language = locale?.toLowerCase().split('-')[0] === chinese.tag ? chinese : english;
  return renderTemplate(language, language.templates[kind], values);
}

/** Writes a mail that a template describes, as plain text and as HTML. */
export function renderTemplate(language: MailLanguage, template: MailTemplate, values: MailValues): RenderedMail {
  return { subject: template.subject, text: toText(template, values), html: toHtml(language, template, values) };
}

function toText({ before, action, code, facts, after }: MailTemplate, values: MailValues): string {
  return [
    ...before,
    ...(facts === undefined ? [] : [factLines(facts, values).join('\n')]),
    ...(code === undefined || values.code === undefined ? [] : [`${code}: ${values.code}`]),
    ...(action === undefined || values.link === undefined ? [] : [`${action}:\n\n${values.link}`]),
    ...after,
  ].join('\n\n');
}

/** Nothing is loaded from elsewhere: no picture tells anybody that a mail was opened. */
function toHtml(
  { tag }: MailLanguage,
  { subject, before, action, code, facts, after }: MailTemplate,
  values: MailValues,
): string {
  const paragraph = (text: string): string => `<p style="margin:0 0 16px">${escape(text)}</p>`;
  const parts = [
    `<h1 style="margin:0 0 16px;font-size:20px">${escape(subject)}</h1>`,
    ...before.map(paragraph),
    ...(facts === undefined ? [] : [list(factLines(facts, values))]),
    ...(code === undefined || values.code === undefined
      ? []
      : [`<p style="margin:0 0 16px;font-size:28px;letter-spacing:6px"><strong>${escape(values.code)}</strong></p>`]),
    ...(action === undefined || values.link === undefined ? [] : [button(action, values.link)]),
    ...after.map(paragraph),
  ];
  const style = 'margin:0;padding:24px;font:16px/1.5 sans-serif;color:#1a1a1a;background:#fff';
  return [
    '<!doctype html>',
    `<html lang="${tag}"><head><meta charset="utf-8"><title>${escape(subject)}</title></head>`,
    `<body style="${style}"><main style="max-width:560px">${parts.join('\n')}</main></body></html>`,
  ].join('\n');
}

/** Of what is known, a line each, in the template's order. */
function factLines(labels: NonNullable<MailTemplate['facts']>, { facts = {} }: MailValues): readonly string[] {
  return labels.flatMap(([fact, label]) => (facts[fact] === undefined ? [] : [`${label}: ${facts[fact]}`]));
}

function list(lines: readonly string[]): string {
  const items = lines.map((line) => `<li>${escape(line)}</li>`).join('');
  return `<ul style="margin:0 0 16px;padding-left:20px">${items}</ul>`;
}

function button(label: string, link: string): string {
  const style = 'display:inline-block;padding:10px 20px;border-radius:6px;background:#1d4ed8;color:#fff';
  return `<p style="margin:0 0 16px"><a style="${style}" href="${escape(link)}">${escape(label)}</a></p>`;
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const escape = (text: string): string => text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? '');
