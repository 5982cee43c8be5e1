import { http } from '@tessera/service/http';
import { allowanceOf, varyByOrigin, type CrossOriginOptions } from '../cross-origin.js';
import type { HttpReply } from '../http-reply.js';

export interface HeadWriterOptions {
  readonly securityHeaders: Readonly<Record<string, string>>;
  readonly crossOrigin: CrossOriginOptions | undefined;
  /** How long clients are told that a connection stays open without a request. */
  readonly keepAliveSeconds: number;
}

/** What one answer's head says of its own. */
export interface AnswerHead {
  readonly reply: HttpReply;
  readonly requestId: string;
  readonly own: Readonly<Record<string, string>> | undefined;
  readonly origin: string | undefined;
  readonly bodyLength: number;
  readonly isLast: boolean;
}

/** Headers that come again and again, as they go out. */
interface PreparedFields {
  readonly names: Readonly<Record<string, string>>;
  readonly text: string;
}

/** What a header may hold on the wire (RFC 9110, 5.5): a line break in it would begin another header. */
const wireValue = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Writes the heads of answers as text; what is the same for many of them is put together once. */
export class HeadWriter {
  readonly #options: HeadWriterOptions;
  /** By the reply's headers, of those that never change. */
  readonly #prepared = new WeakMap<HttpReply['headers'], PreparedFields>();
  #second = 0;
  #date = '';

  constructor(options: HeadWriterOptions) {
    this.#options = options;
  }

  /** @throws TypeError for a value that no header can have */
  write({ reply, requestId, own, origin, bodyLength, isLast }: AnswerHead): string {
    const { status, headers, without } = reply;
    const prepared = this.#fieldsOf(headers);
    let text = `HTTP/1.1 ${status} ${http.STATUS_CODES[status] ?? ''}\r\nx-request-id: ${requestId}\r\n${prepared.text}`;
    if (own !== undefined) {
      for (const name in own) {
        const isKept = prepared.names[name] === undefined && without?.includes(name) !== true;
        if (isKept) text += fieldOf(name, own[name] ?? '');
      }
    }
    const { crossOrigin, keepAliveSeconds } = this.#options;
    const allowance = crossOrigin === undefined || origin === undefined ? undefined : allowanceOf(origin, crossOrigin);
    for (const name in allowance) text += fieldOf(name, allowance[name] ?? '');
    const connection = isLast ? 'close' : `keep-alive\r\nKeep-Alive: timeout=${keepAliveSeconds}`;
    return `${text}Date: ${this.#dateNow()}\r\nConnection: ${connection}\r\ncontent-length: ${bodyLength}\r\n\r\n`;
  }

  #fieldsOf(headers: HttpReply['headers']): PreparedFields {
    const known = this.#prepared.get(headers);
    if (known !== undefined) return known;
    const { securityHeaders, crossOrigin } = this.#options;
    const names: Record<string, string> = { ...securityHeaders, ...headers };
    if (crossOrigin !== undefined) names['vary'] = varyByOrigin(names['vary']);
    const text = Object.entries(names)
      .map(([name, value]) => fieldOf(name, value))
      .join('');
    const prepared = { names, text };
    if (Object.isFrozen(headers)) this.#prepared.set(headers, prepared);
    return prepared;
  }

  /** As HTTP writes it (RFC 9110, 5.6.7), which is the same for a second. */
  #dateNow(): string {
    const nowMs = Date.now();
    const second = Math.floor(nowMs / 1_000);
    if (second !== this.#second) [this.#second, this.#date] = [second, new Date(nowMs).toUTCString()];
    return this.#date;
  }
}

function fieldOf(name: string, value: string): string {
  if (!wireValue.test(value)) throw new TypeError(`Header ${name} has a value that no header can have`);
  return `${name}: ${value}\r\n`;
}
