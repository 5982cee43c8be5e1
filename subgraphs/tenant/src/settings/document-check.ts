import { AppError } from '@tessera/service/errors';
import type { JsonObject, JsonValue } from '@tessera/service/json';
import { Ajv, type ErrorObject } from 'ajv';

/** Says what is wrong with a document; nothing is. */
export type DocumentCheck = (document: JsonValue) => readonly string[];

export const maxDocumentBytes = 16 * 1_024;
const maxFaults = 10;

/**
 * What a schema must not use. References make checking exponential in the schema's length, or lead to other hosts; patterns are
 * regular expressions, which take exponential time where somebody wants them to. Formats and enums do what patterns are for.
 */
const refusedKeywords = new Set([
  '$ref',
  '$recursiveRef',
  '$dynamicRef',
  '$id',
  '$async',
  'pattern',
  'patternProperties',
]);

/** Formats that take linear time: each is a short expression without nested repetition, or what the runtime itself parses. */
const formats: Readonly<Record<string, (text: string) => boolean>> = {
  colour: (text) => /^#[0-9a-fA-F]{6}$/.test(text),
  date: (text) => /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text)),
  'date-time': (text) =>
    /^\d{4}-\d{2}-\d{2}T[\d:.]{8,18}(Z|[+-]\d{2}:\d{2})$/.test(text) && !Number.isNaN(Date.parse(text)),
  email: (text) => text.length <= 320 && /^[^\s@]+@[^\s@]+$/.test(text),
  locale: (text) => isAccepted(() => Intl.getCanonicalLocales(text)),
  'time-zone': (text) => isAccepted(() => new Intl.DateTimeFormat('en', { timeZone: text })),
  uri: (text) => /^https?:\/\//.test(text) && URL.canParse(text),
  uuid: (text) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text),
};

/**
 * Compiles a JSON Schema (draft-07) without references and patterns.
 *
 * @throws AppError `BAD_USER_INPUT` for what is no such schema, or larger than 16 KB
 */
export function createDocumentCheck(schema: JsonObject): DocumentCheck {
  assertSize(schema, 'The schema');
  assertKeywords(schema);
  const ajv = new Ajv({ strict: true, strictRequired: false, allowUnionTypes: true, formats, logger: false });
  try {
    const validate = ajv.compile(schema);
    return (document) => (validate(document) ? [] : (validate.errors ?? []).slice(0, maxFaults).map(faultText));
  } catch (error) {
    throw new AppError('BAD_USER_INPUT', `The schema is not valid: ${(error as Error).message}`, { cause: error });
  }
}

/** @throws AppError `BAD_USER_INPUT` for more than 16 KB of JSON */
export function assertSize(value: JsonValue, what: string): void {
  const bytes = Buffer.byteLength(JSON.stringify(value));
  if (bytes <= maxDocumentBytes) return;
  throw new AppError('BAD_USER_INPUT', `${what} is larger than ${maxDocumentBytes} bytes`, {
    details: { bytes, maxBytes: maxDocumentBytes },
  });
}

/** Also looks where only a property has such a name: nobody needs properties called like that. */
function assertKeywords(value: JsonValue): void {
  if (Array.isArray(value)) for (const item of value) assertKeywords(item);
  else if (typeof value === 'object' && value !== null) {
    for (const [name, inner] of Object.entries(value)) {
      if (refusedKeywords.has(name)) throw new AppError('BAD_USER_INPUT', `The schema must not use ${name}`);
      if (inner !== undefined) assertKeywords(inner);
    }
  }
}

function faultText({ instancePath, message = 'is not valid' }: ErrorObject): string {
  return `${instancePath === '' ? 'value' : instancePath} ${message}`;
}

function isAccepted(parse: () => unknown): boolean {
  try {
    parse();
    return true;
  } catch {
    return false;
  }
}
