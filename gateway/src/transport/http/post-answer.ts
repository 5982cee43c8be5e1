import { AppError } from '@tessera/service/errors';
import type { RequestMetrics } from '@tessera/service/http';
import type { Logger } from '@tessera/service/logging';
import { formatAppError } from '../operation-refusal.js';
import type { CrossOriginOptions } from './cross-origin.js';
import { replyOnce, type HttpReply } from './http-reply.js';
import type { Departure } from './request-signal.js';

export interface PostAnswerOptions {
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
export abstract class PostAnswer<Options extends PostAnswerOptions = PostAnswerOptions> {
  readonly requestId: string;
  /** Tells when the client leaves. */
  abstract readonly departure: Departure;
  protected readonly options: Options;
  readonly #startedAtMs = performance.now();
  /** What rooms have said beside their answer. */
  #headers: Record<string, string> | undefined;

  constructor(requestId: string, options: Options) {
    this.requestId = requestId;
    this.options = options;
  }

  setHeader(name: string, value: string): void {
    (this.#headers ??= {})[name] = value;
  }

  send(reply: HttpReply): void {
    const { requestMetrics, logger } = this.options;
    let { status } = reply;
    try {
      this.write(reply, this.#headers);
    } catch (error) {
      // A value that no header can have: nothing has been written yet.
      logger.error({ err: error, requestId: this.requestId }, 'request failed');
      const failure = new AppError('INTERNAL_SERVER_ERROR', 'An unexpected error happened');
      const failed = replyOnce({ errors: [formatAppError(failure, this.requestId)] }, 'application/json');
      ({ status } = failed);
      this.write(failed, undefined);
    }
    requestMetrics.observe('POST', status, (performance.now() - this.#startedAtMs) / 1_000);
  }

  /**
   * Writes all at once.
   *
   * @param own headers that go along, but those that the reply has itself or does not want
   * @throws TypeError for a value that no header can have, before anything is written
   */
  protected abstract write(reply: HttpReply, own: Readonly<Record<string, string>> | undefined): void;
}
