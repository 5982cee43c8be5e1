/** What one mail says, in one language: everything but its address. */
export interface MailCopy {
  /** BCP 47. */
  readonly language: string;
  /** One line. */
  readonly subject: string;
  /** Paragraphs, like those of `after`. */
  readonly before: readonly string[];
  /** A list, an item each. */
  readonly facts?: readonly string[] | undefined;
  /** Something to copy out of the mail. */
  readonly code?: LabelledText | undefined;
  /** A link: in HTML a button that says so. */
  readonly action?: LabelledText | undefined;
  readonly after: readonly string[];
}

export interface LabelledText {
  readonly label: string;
  readonly value: string;
}

/** The parts of a `Mail`. */
export interface LaidOutMail {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** Lays a mail out as plain text and as HTML. Whatever is in it is text: markup in the name of a tenant, say, stays what was typed. */
export function layOutMail(copy: MailCopy): LaidOutMail {
  return { subject: copy.subject, text: toText(copy), html: toHtml(copy) };
}

function toText({ before, facts, code, action, after }: MailCopy): string {
  return [
    ...before,
    ...(facts === undefined ? [] : [facts.join('\n')]),
    ...(code === undefined ? [] : [`${code.label}: ${code.value}`]),
    ...(action === undefined ? [] : [`${action.label}:\n\n${action.value}`]),
    ...after,
  ].join('\n\n');
}

/** Nothing is loaded from elsewhere: no picture tells anybody that a mail was opened. */
function toHtml({ language, subject, before, facts, code, action, after }: MailCopy): string {
  const paragraph = (text: string): string => `<p style="margin:0 0 16px">${escape(text)}</p>`;
  const parts = [
    `<h1 style="margin:0 0 16px;font-size:20px">${escape(subject)}</h1>`,
    ...before.map(paragraph),
    ...(facts === undefined ? [] : [list(facts)]),
    ...(code === undefined
      ? []
      : [`<p style="margin:0 0 16px;font-size:28px;letter-spacing:6px"><strong>${escape(code.value)}</strong></p>`]),
    ...(action === undefined ? [] : [button(action)]),
    ...after.map(paragraph),
  ];
  const style = 'margin:0;padding:24px;font:16px/1.5 sans-serif;color:#1a1a1a;background:#fff';
  return [
    '<!doctype html>',
    `<html lang="${language}"><head><meta charset="utf-8"><title>${escape(subject)}</title></head>`,
    `<body style="${style}"><main style="max-width:560px">${parts.join('\n')}</main></body></html>`,
  ].join('\n');
}

function list(lines: readonly string[]): string {
  const items = lines.map((line) => `<li>${escape(line)}</li>`).join('');
  return `<ul style="margin:0 0 16px;padding-left:20px">${items}</ul>`;
}

function button({ label, value }: LabelledText): string {
  const style = 'display:inline-block;padding:10px 20px;border-radius:6px;background:#1d4ed8;color:#fff';
  return `<p style="margin:0 0 16px"><a style="${style}" href="${escape(value)}">${escape(label)}</a></p>`;
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const escape = (text: string): string => text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? '');
