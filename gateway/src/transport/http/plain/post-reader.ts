import type { IncomingHttpHeaders } from 'node:http';
import { http } from '@tessera/service/http';

/** A plain POST, whole. */
export interface ReadPost {
  /** As Node would have told them. */
  readonly headers: IncomingHttpHeaders;
  /** Where in the bytes its body begins, which goes on to their end. */
  readonly bodyStart: number;
}

interface ReadHead {
  readonly headers: IncomingHttpHeaders;
  readonly bodyLength: number;
}

/** What is longer in all is not waited for: Node reads it piece by piece. */
const maxWaitedBytes = 131_072;
const endOfHead = Buffer.from('\r\n\r\n');
/** A whole line of a head (RFC 9110, 5.5 and 5.6.2): nothing that two parsers could read differently. */
const line = /([\w!#$%&'*+.^`|~-]+):[\t ]*([\t\x20-\x7e\x80-\xff]*)\r\n/y;
const spaceAtEnd = /[\t ]+$/;
const length = /^(?:0|[1-9]\d{0,8})$/;

/** What makes more of a request than a body that says how long it is and comes as it is, or what Node tells in another form. */
const notPlain: ReadonlySet<string> = new Set([
  '__proto__',
  'content-encoding',
  'expect',
  'set-cookie',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/**
 * Reads what nearly every request is: a POST to one path that says how long it is. It knows much less of HTTP than Node's parser, and
 * must: what it takes for a request any parser takes for the same; all else is for Node to judge.
 */
export class PostReader {
  readonly #requestLine: string;
  readonly #maxHeaders: number;
  /** Most clients say the same with each request of a connection. */
  #lastText = '';
  #lastHead: ReadHead | undefined;

  constructor(path: string, maxHeaders: number) {
    this.#requestLine = `POST ${path} HTTP/1.1\r\n`;
    this.#maxHeaders = maxHeaders;
  }

  /** @returns `more` for what may become such a request; undefined where the bytes are anything but exactly one */
  read(bytes: Buffer): ReadPost | 'more' | undefined {
    const end = bytes.indexOf(endOfHead);
    if (end === -1) return bytes.length <= http.maxHeaderSize && this.#beginsSo(bytes) ? 'more' : undefined;
    const head = end > http.maxHeaderSize ? undefined : this.#headOf(bytes.toString('latin1', 0, end + 2));
    if (head === undefined) return undefined;
    const bodyStart = end + endOfHead.length;
    const wholeLength = bodyStart + head.bodyLength;
    if (bytes.length < wholeLength && wholeLength <= maxWaitedBytes) return 'more';
    return bytes.length === wholeLength ? { headers: head.headers, bodyStart } : undefined;
  }

  #beginsSo(bytes: Buffer): boolean {
    const start = bytes.toString('latin1', 0, this.#requestLine.length);
    return this.#requestLine.startsWith(start);
  }

  #headOf(text: string): ReadHead | undefined {
    if (text === this.#lastText) return this.#lastHead;
    const head = text.startsWith(this.#requestLine) ? this.#parse(text) : undefined;
    if (head !== undefined) [this.#lastText, this.#lastHead] = [text, head];
    return head;
  }

  #parse(text: string): ReadHead | undefined {
    const headers: Record<string, string> = {};
    let count = 0;
    for (let position = this.#requestLine.length; position < text.length; position = line.lastIndex) {
      line.lastIndex = position;
      const [, name = '', value = ''] = line.exec(text) ?? [];
      const key = name.toLowerCase();
      // A name that is there already is given twice, or is one that every object has.
      if (key === '' || notPlain.has(key) || headers[key] !== undefined) return undefined;
      headers[key] = value.replace(spaceAtEnd, '');
      count += 1;
    }
    const { host, connection = 'keep-alive', 'content-length': bodyLength = '' } = headers;
    const isKept = connection.toLowerCase() === 'keep-alive';
    if (host === undefined || !isKept || !length.test(bodyLength) || count > this.#maxHeaders) return undefined;
    return { headers, bodyLength: Number(bodyLength) };
  }
}
