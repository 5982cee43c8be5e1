import type { IncomingMessage, ServerResponse } from 'node:http';
import { AppError } from '@tessera/service/errors';
import type { RequestMetrics } from '@tessera/service/http';
import type { Logger } from '@tessera/service/logging';
import { formatAppError } from '../operation-refusal.js';
import { allowanceOf, varyByOrigin, type CrossOriginOptions } from './cross-origin.js';
import { replyOnce, type HttpReply } from './http-reply.js';

export interface DirectResponseOptions {
  /** What every answer says to browsers. */
  readonly securityHeaders: Readonly<Record<string, string>>;
  /** Absent where pages of no other origin may ask. */
  readonly crossOrigin: CrossOriginOptions | undefined;
  readonly requestMetrics: RequestMetrics;
  /** Whether connections are to end with the answers on them. */
  readonly isClosing: () => boolean;
  readonly logger: Logger;
}

/** The answer to one request that does not go through Fastify, and what Fastify's hooks would add to it. */
export class DirectResponse {
  readonly response: ServerResponse;
  readonly requestId: string;
  readonly #origin: string | undefined;
  readonly #options: DirectResponseOptions;
  readonly #startedAtMs = performance.now();
  /** What rooms have said beside their answer. */
  #headers: Record<string, string> | undefined;
  /** What it has gone out with; undefined before. */
  sentHeaders: Readonly<Record<string, string | number>> | undefined;

  constructor(
    { headers }: IncomingMessage,
    response: ServerResponse,
    requestId: string,
    options: DirectResponseOptions,
  ) {
    this.response = response;
    this.requestId = requestId;
    this.#origin = headers.origin;
    this.#options = options;
  }

  setHeader(name: string, value: string): void {
    (this.#headers ??= {})[name] = value;
  }

  send(reply: HttpReply): void {
    const { requestMetrics, logger } = this.#options;
    try {
      this.#write(reply);
    } catch (error) {
      // A value that no header can have: nothing has been written yet.
      logger.error({ err: error, requestId: this.requestId }, 'request failed');
      this.#headers = undefined;
      const failure = new AppError('INTERNAL_SERVER_ERROR', 'An unexpected error happened');
      this.#write(replyOnce({ errors: [formatAppError(failure, this.requestId)] }, 'application/json'));
    }
    const { statusCode } = this.response;
    requestMetrics.observe('POST', statusCode, (performance.now() - this.#startedAtMs) / 1_000);
  }

  #write({ status, headers, body = '', without }: HttpReply): void {
    const { securityHeaders, isClosing } = this.#options;
    const all: Record<string, string | number> = { 'x-request-id': this.requestId, ...securityHeaders };
    const own = this.#headers;
    if (own !== undefined) {
      for (const name in own) if (without?.includes(name) !== true) all[name] = own[name] ?? '';
    }
    for (const name in headers) all[name] = headers[name] ?? '';
    this.#addCrossOrigin(all);
    if (isClosing()) all['connection'] = 'close';
    const length = Buffer.byteLength(body);
    all['content-length'] = length;
    this.sentHeaders = all;
    this.response.writeHead(status, all);
    // ASCII goes as it is: as UTF-8 Node would make room for three times as much.
    this.response.end(body, length === body.length ? 'latin1' : 'utf8');
  }

  #addCrossOrigin(headers: Record<string, string | number>): void {
    const { crossOrigin } = this.#options;
    if (crossOrigin === undefined) return;
    headers['vary'] = varyByOrigin(headers['vary']);
    if (this.#origin !== undefined) Object.assign(headers, allowanceOf(this.#origin, crossOrigin));
  }
}
