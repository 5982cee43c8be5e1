import type { IncomingMessage, ServerResponse } from 'node:http';
import { allowanceOf, varyByOrigin } from './cross-origin.js';
import type { HttpReply } from './http-reply.js';
import { PostAnswer, type PostAnswerOptions } from './post-answer.js';

/** The answer to a request that Node has read. */
export class DirectResponse extends PostAnswer {
  readonly departure: ServerResponse;
  readonly #origin: string | undefined;
  /** What it has gone out with; undefined before. */
  sentHeaders: Readonly<Record<string, string | number>> | undefined;

  constructor({ headers }: IncomingMessage, response: ServerResponse, requestId: string, options: PostAnswerOptions) {
    super(requestId, options);
    this.departure = response;
    this.#origin = headers.origin;
  }

  protected override write(
    { status, headers, body = '', without }: HttpReply,
    own: Readonly<Record<string, string>> | undefined,
  ): void {
    const { securityHeaders, isClosing } = this.options;
    const all: Record<string, string | number> = { 'x-request-id': this.requestId, ...securityHeaders };
    if (own !== undefined) {
      for (const name in own) if (without?.includes(name) !== true) all[name] = own[name] ?? '';
    }
    for (const name in headers) all[name] = headers[name] ?? '';
    this.#addCrossOrigin(all);
    if (isClosing()) all['connection'] = 'close';
    const length = Buffer.byteLength(body);
    all['content-length'] = length;
    this.sentHeaders = all;
    this.departure.writeHead(status, all);
    // ASCII goes as it is: as UTF-8 Node would make room for three times as much.
    this.departure.end(body, length === body.length ? 'latin1' : 'utf8');
  }

  #addCrossOrigin(headers: Record<string, string | number>): void {
    const { crossOrigin } = this.options;
    if (crossOrigin === undefined) return;
    headers['vary'] = varyByOrigin(headers['vary']);
    if (this.#origin !== undefined) Object.assign(headers, allowanceOf(this.#origin, crossOrigin));
  }
}
