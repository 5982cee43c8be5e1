import { LostConnection } from './http-answer.js';
import { ReadingOrder } from './reading-order.js';
import { SpareBlocks } from './spare-blocks.js';
import { KeptConnection, type ConnectionOwner, type ConnectionTarget, type Exchange } from './kept-connection.js';

export interface ConnectionPoolOptions extends ConnectionTarget {
  readonly maxConnections: number;
}

const sweepIntervalMs = 1_000;

/** The connections to one origin: opened as they are needed, kept as long as the server keeps them. */
export class ConnectionPool implements ConnectionOwner {
  readonly spareBlocks = new SpareBlocks();
  readonly readingOrder = new ReadingOrder(this.spareBlocks);
  readonly #options: ConnectionPoolOptions;
  #waiting: Exchange[] = [];
  readonly #connections = new Set<KeptConnection>();
  #opening = 0;
  /** Ready for use; the last one is the warmest. */
  readonly #idle: KeptConnection[] = [];
  /** Free, but not before a turn of the event loop has shown that nothing more comes, no end and no surplus. */
  #resting: KeptConnection[] = [];
  #isTurnDue = false;
  #sweeper: NodeJS.Timeout | undefined;
  #closed: PromiseWithResolvers<void> | undefined;

  constructor(options: ConnectionPoolOptions) {
    this.#options = options;
  }

  /** Sends a request as soon as there is a connection for it. */
  send(exchange: Exchange): void {
    if (this.#closed !== undefined) {
      exchange.fail(new LostConnection());
      return;
    }
    this.#waiting.push(exchange);
    this.#scheduleTurn();
  }

  /** Waits for exchanges under way, then closes the connections. */
  close(): Promise<void> {
    this.#closed ??= Promise.withResolvers();
    this.#scheduleTurn();
    return this.#closed.promise;
  }

  opened(connection: KeptConnection): void {
    this.#opening -= 1;
    this.free(connection);
  }

  free(connection: KeptConnection): void {
    this.#resting.push(connection);
    this.#scheduleTurn();
  }

  gone(connection: KeptConnection, error: Error | undefined): void {
    this.#connections.delete(connection);
    for (const list of [this.#idle, this.#resting]) {
      const index = list.indexOf(connection);
      if (index !== -1) list.splice(index, 1);
    }
    if (error !== undefined) {
      this.#opening -= 1;
      this.#waiting.find(({ isOver }) => !isOver)?.fail(error);
    }
    this.#scheduleTurn();
  }

  /** All that happens within one turn of the event loop is dealt with at its end, behind what has come from the network. */
  #scheduleTurn(): void {
    if (this.#isTurnDue) return;
    this.#isTurnDue = true;
    setImmediate(() => this.#turn());
  }

  #turn(): void {
    this.#isTurnDue = false;
    let sent = 0;
    for (const exchange of this.#waiting) {
      if (!exchange.isOver) {
        const connection = this.#takeIdle();
        if (connection === undefined) break;
        connection.send(exchange);
      }
      sent += 1;
    }
    this.#waiting = sent === this.#waiting.length ? [] : this.#waiting.slice(sent);
    if (this.#resting.length > 0) {
      this.#idle.push(...this.#resting);
      this.#resting = [];
      if (this.#waiting.length > 0) this.#scheduleTurn();
    }
    this.#openMissing();
    if (this.#closed !== undefined) this.#closeIdle(this.#closed);
  }

  #takeIdle(): KeptConnection | undefined {
    const nowMs = performance.now();
    for (;;) {
      const connection = this.#idle.pop();
      if (connection === undefined || connection.expiresAtMs > nowMs) return connection;
      connection.close();
    }
  }

  #openMissing(): void {
    let missing = this.#waiting.length - this.#opening - this.#idle.length;
    for (; missing > 0 && this.#connections.size < this.#options.maxConnections; missing -= 1) {
      this.#opening += 1;
      this.#connections.add(new KeptConnection(this.#options, this));
    }
    if (this.#connections.size > 0) this.#sweeper ??= setInterval(() => this.#sweep(), sweepIntervalMs).unref();
  }

  /** Closes what has been idle for too long, before the server does so under a request. */
  #sweep(): void {
    const nowMs = performance.now();
    this.spareBlocks.shrink();
    for (const connection of this.#idle.filter(({ expiresAtMs }) => expiresAtMs <= nowMs)) connection.close();
    if (this.#connections.size > 0 || this.spareBlocks.kept > 0) return;
    clearInterval(this.#sweeper);
    this.#sweeper = undefined;
  }

  #closeIdle({ resolve }: PromiseWithResolvers<void>): void {
    for (const connection of this.#idle) connection.close();
    if (this.#connections.size > 0) return;
    clearInterval(this.#sweeper);
    resolve();
  }
}
