import { BrokenAnswer } from './http-answer.js';

/** What the first lines of an answer say (RFC 9112). */
export interface ResponseHead {
  readonly statusCode: number;
  readonly headers: Record<string, string | string[]>;
  /** Bytes of the body, or how its end is told: by chunks, or by the end of the connection. */
  readonly length: number | 'chunked' | 'close';
  /** How long the connection may stay idle; 0 where it must not be used again. */
  readonly keepAliveMs: number;
}

/** Servers that do not say how long they wait wait 5 s at least; one that closes while we write loses our request. */
export const defaultKeepAliveMs = 4_000;
const maxKeepAliveMs = 600_000;
/** A server's clock began earlier than ours. */
const keepAliveMarginMs = 2_000;

const statusLine = /^HTTP\/1\.([01]) ([1-5]\d\d)(?: |$)/;
const fieldName = /^[\w!#$%&'*+.^`|~-]+$/;
const digits = /^\d{1,15}$/;

/**
 * Parses the head of an answer.
 *
 * @param text without the empty line at its end
 * @throws BrokenAnswer for what is no head, and for one whose body's length two readers could understand differently
 */
export function parseHead(text: string): ResponseHead {
  const endOfStatus = text.indexOf('\r\n');
  const [, minorVersion, status] = statusLine.exec(endOfStatus === -1 ? text : text.slice(0, endOfStatus)) ?? [];
  if (status === undefined) throw new BrokenAnswer('The answer does not begin as HTTP/1.1 does');
  const headers = endOfStatus === -1 ? {} : parseFields(text, endOfStatus + 2);
  const statusCode = Number(status);
  const length = lengthOf(statusCode, headers);
  const isAmbiguous = headers['transfer-encoding'] !== undefined && headers['content-length'] !== undefined;
  const isKept = length !== 'close' && !isAmbiguous && isKeptOpen(headers['connection'], minorVersion === '1');
  return { statusCode, headers, length, keepAliveMs: isKept ? keepAliveOf(headers['keep-alive']) : 0 };
}

function parseFields(text: string, start: number): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = {};
  for (let from = start; from < text.length;) {
    const newline = text.indexOf('\r\n', from);
    const end = newline === -1 ? text.length : newline;
    const colon = text.indexOf(':', from);
    const name = colon === -1 || colon > end ? '' : text.slice(from, colon).toLowerCase();
    if (!fieldName.test(name)) throw new BrokenAnswer('The answer has a line that is no header');
    const value = text.slice(colon + 1, end).trim();
    const known = Object.hasOwn(headers, name) ? headers[name] : undefined;
    // As a name it means nothing, and plain assignment would set the prototype.
    if (name !== '__proto__') headers[name] = known === undefined ? value : [known, value].flat();
    from = end + 2;
  }
  return headers;
}

/** RFC 9112, section 6.3. */
function lengthOf(statusCode: number, headers: Readonly<Record<string, string | string[]>>): ResponseHead['length'] {
  if (statusCode < 200 || statusCode === 204 || statusCode === 304) return 0;
  const coding = headers['transfer-encoding'];
  if (coding !== undefined) {
    if (typeof coding === 'string' && coding.toLowerCase() === 'chunked') return 'chunked';
    throw new BrokenAnswer('The answer has a transfer coding that is not known');
  }
  const given = headers['content-length'];
  if (given === undefined) return 'close';
  const [length = '', ...others] = [given].flat();
  if (!digits.test(length) || others.some((other) => other !== length)) {
    throw new BrokenAnswer('The answer has no clear length');
  }
  return Number(length);
}

function isKeptOpen(connection: string | string[] | undefined, isByDefault: boolean): boolean {
  if (connection === undefined) return isByDefault;
  const options = String(connection).toLowerCase();
  return !options.includes('close') && (isByDefault || options.includes('keep-alive'));
}

function keepAliveOf(hint: string | string[] | undefined): number {
  const seconds = hint === undefined ? undefined : /timeout=(\d{1,9})/i.exec(String(hint))?.[1];
  if (seconds === undefined) return defaultKeepAliveMs;
  return Math.min(Math.max(Number(seconds) * 1_000 - keepAliveMarginMs, 0), maxKeepAliveMs);
}
