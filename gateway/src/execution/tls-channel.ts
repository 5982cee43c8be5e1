import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';
import type { HttpAnswer } from './http1/http-answer.js';
import type { Channel, ChannelOptions } from './subgraph-channel.js';
import { OversizedAnswer } from './subgraph-errors.js';

/** Opens connections to an `https:` origin as they are needed; undici knows how. */
export function createTlsChannel(options: ChannelOptions): Channel {
  const { origin, headers: constant, maxResponseBytes, maxConnections, connectTimeoutMs, maxAgeMs } = options;
  // Loaded where it is used: its code takes 7 MB, and most subgraphs are behind plain HTTP.
  const opening = import('undici').then(
    ({ Pool }) =>
      new Pool(origin, {
        connections: maxConnections,
        connect: { timeout: connectTimeoutMs },
        clientTtl: maxAgeMs,
        // The request's own deadline ends it; undici's timers would only end it at another time.
        headersTimeout: 0,
        bodyTimeout: 0,
      }),
  );
  return {
    async post(target, headers, body, cancellation) {
      const pool = await opening;
      return new Promise((resolve, reject) => {
        const reader = new AnswerReader(maxResponseBytes, resolve, reject);
        cancellation.watch(reader);
        if (cancellation.reason !== undefined) return;
        pool.dispatch({ method: 'POST', path: target, headers: [...constant, ...headers], body }, reader);
      });
    },
    close: async () => (await opening).close(),
  };
}

/** Told by undici, in this order: start, the answer's head, data, end; or an error at any time. */
class AnswerReader implements Dispatcher.DispatchHandler {
  readonly #maxBytes: number;
  readonly #resolve: (answer: HttpAnswer) => void;
  readonly #reject: (error: Error) => void;
  #controller: Dispatcher.DispatchController | undefined;
  #stopped: Error | undefined;
  #statusCode = 0;
  #headers: IncomingHttpHeaders = {};
  #chunks: Buffer[] = [];
  #bytes = 0;

  constructor(maxBytes: number, resolve: (answer: HttpAnswer) => void, reject: (error: Error) => void) {
    this.#maxBytes = maxBytes;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  /** Ends the request, at the subgraph too; one that still waits for a connection will not be sent. */
  stop(reason: Error): void {
    this.#stopped = reason;
    this.#chunks = [];
    this.#reject(reason);
    this.#controller?.abort(reason);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#stopped !== undefined) controller.abort(this.#stopped);
  }

  onResponseStart(_controller: Dispatcher.DispatchController, statusCode: number, headers: IncomingHttpHeaders): void {
    this.#statusCode = statusCode;
    this.#headers = headers;
    if (Number(headers['content-length'] ?? 0) > this.#maxBytes) this.stop(new OversizedAnswer(this.#maxBytes));
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#bytes += chunk.length;
    if (this.#bytes > this.#maxBytes) this.stop(new OversizedAnswer(this.#maxBytes));
    else this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    const [first, ...others] = this.#chunks;
    const body = first !== undefined && others.length === 0 ? first : Buffer.concat(this.#chunks);
    this.#resolve({ statusCode: this.#statusCode, headers: this.#headers, body });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#chunks = [];
    this.#reject(error);
  }
}
