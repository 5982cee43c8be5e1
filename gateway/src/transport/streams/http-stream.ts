import { AppError } from '@tessera/service/errors';
import type { FastifyReply } from 'fastify';
import type { Caller } from '../../context.js';
import { sessionEnded, watchExpiry } from '../caller-rights.js';
import type { ConnectionObserver, LiveConnection } from '../live-connections.js';
import { StreamBody } from './stream-body.js';

/** What an open stream needs to say of its own accord. */
export interface StreamTexts {
  readonly contentType: string;
  readonly opening: string;
  readonly heartbeat: string;
  readonly interrupted: string;
}

/** An HTTP answer that goes on until somebody ends it. */
export class HttpStream implements LiveConnection {
  readonly caller: Caller;
  /** Settled when it is over. */
  readonly closed: Promise<void>;
  readonly #texts: StreamTexts;
  readonly #body = new StreamBody();
  readonly #over = new AbortController();
  readonly #forgetExpiry: () => void;
  #heartbeatTimer: NodeJS.Timeout | undefined;
  #answersUnderWay = 0;
  #leaving = false;
  #ended = false;

  constructor(caller: Caller, texts: StreamTexts) {
    this.caller = caller;
    this.#texts = texts;
    this.closed = new Promise((resolve) => this.#body.once('close', resolve));
    this.#forgetExpiry = watchExpiry(caller, (reason) => this.#over.abort(reason));
    this.#body.once('close', () => {
      this.#forgetExpiry();
      clearInterval(this.#heartbeatTimer);
      this.#over.abort(new AppError('PRECONDITION_FAILED', 'The client left before its answer was ready'));
    });
  }

  /** Aborted when the client has gone, or may have no more of it; the reason is an AppError. */
  get over(): AbortSignal {
    return this.#over.signal;
  }

  /** Whether nothing that is sent now will reach the client. */
  get isClosed(): boolean {
    return this.#body.destroyed || this.#ended;
  }

  observe(observer: ConnectionObserver): void {
    void this.closed.then(() => observer.closed(this));
  }

  /**
   * Begins the answer. A client that takes nothing for two heartbeats is taken for dead.
   *
   * @param heartbeatMs 0: no heartbeats, and nobody is taken for dead
   */
  open(reply: FastifyReply, heartbeatMs: number): FastifyReply {
    if (heartbeatMs > 0) {
      this.#heartbeatTimer = setInterval(() => this.#body.beat(this.#texts.heartbeat), heartbeatMs);
      // Nobody listens to it, so Node destroys the socket.
      reply.raw.setTimeout(2 * heartbeatMs);
    }
    void this.send(this.#texts.opening);
    return reply
      .code(200)
      .headers({
        'content-type': this.#texts.contentType,
        'cache-control': 'no-cache, no-store, no-transform',
        'x-accel-buffering': 'no',
        'x-content-type-options': 'nosniff',
        vary: 'accept',
      })
      .send(this.#body);
  }

  /** Sends a text; resolves when the client has room for more, or is gone. */
  send(text: string): Promise<void> {
    return this.#body.send(text);
  }

  /** Sends the last text. */
  end(text: string): void {
    if (this.isClosed) return;
    this.#ended = true;
    void this.#body.send(text);
    this.#body.end();
  }

  /** Runs the work for one answer; a stream that is to go away stays for it. */
  async answer<Result>(work: () => Promise<Result>): Promise<Result> {
    this.#answersUnderWay += 1;
    try {
      return await work();
    } finally {
      this.#answersUnderWay -= 1;
      if (this.#leaving) setImmediate(() => this.leave());
    }
  }

  leave(): void {
    this.#leaving = true;
    if (this.#answersUnderWay === 0) this.end(this.#texts.interrupted);
  }

  endSession(mayReturn: boolean): void {
    this.#over.abort(sessionEnded(mayReturn));
  }

  cut(): void {
    this.#body.destroy();
  }
}
