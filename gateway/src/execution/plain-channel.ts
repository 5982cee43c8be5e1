import { ConnectionPool } from './http1/connection-pool.js';
import type { HttpAnswer } from './http1/http-answer.js';
import type { Exchange } from './http1/kept-connection.js';
import type { Channel, ChannelOptions, HeaderList } from './subgraph-channel.js';

/** Opens connections to an `http:` origin as they are needed. */
export function createPlainChannel(options: ChannelOptions): Channel {
  const { hostname, host, port } = new URL(options.origin);
  const pool = new ConnectionPool({
    ...options,
    // A URL has the brackets of an IPv6 address, a socket has not.
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port === '' ? 80 : Number(port),
  });
  const constant = `host: ${host}\r\nconnection: keep-alive\r\n${formatHeaders(options.headers)}`;
  return {
    post(target, headers, body, cancellation) {
      const head = `POST ${target} HTTP/1.1\r\n${constant}${formatHeaders(headers)}`;
      return new Promise((resolve, reject) => {
        const exchange = new PendingExchange(head, body, options.maxResponseBytes, resolve, reject);
        cancellation.watch(exchange);
        if (!exchange.isOver) pool.send(exchange);
      });
    },
    close: () => pool.close(),
  };
}

function formatHeaders(headers: HeaderList): string {
  let text = '';
  for (let index = 0; index < headers.length; index += 2) text += `${headers[index]}: ${headers[index + 1]}\r\n`;
  return text;
}

/** A request and the promise of its answer. */
class PendingExchange implements Exchange {
  readonly head: string;
  readonly body: string;
  readonly maxBytes: number;
  isOver = false;
  #connection: { close(): void } | undefined;
  readonly #resolve: (answer: HttpAnswer) => void;
  readonly #reject: (error: Error) => void;

  constructor(
    head: string,
    body: string,
    maxBytes: number,
    resolve: (answer: HttpAnswer) => void,
    reject: (error: Error) => void,
  ) {
    this.head = head;
    this.body = body;
    this.maxBytes = maxBytes;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  begin(connection: { close(): void }): void {
    this.#connection = connection;
  }

  answer(answer: HttpAnswer): void {
    if (!this.#settle()) return;
    this.#resolve(answer);
  }

  fail(error: Error): void {
    if (!this.#settle()) return;
    this.#reject(error);
  }

  /** Gives it up: a connection that is under its request is of no use any more. */
  stop(reason: Error): void {
    const connection = this.#connection;
    this.fail(reason);
    connection?.close();
  }

  /** The connection is somebody else's from now on. @returns whether it was open until now */
  #settle(): boolean {
    this.#connection = undefined;
    if (this.isOver) return false;
    this.isOver = true;
    return true;
  }
}
