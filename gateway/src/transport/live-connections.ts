import { AppError } from '@tessera/service/errors';
import type { Principal } from '@tessera/service/identity';
import type { Caller } from '../context.js';
import { Places } from './places.js';

/** A connection that stays open after its first answer, whatever transport it is of. */
export interface LiveConnection {
  /** Undefined until the client has said who it is. */
  readonly caller: Caller | undefined;
  /** Tells once when it is over; at once where it is already. */
  observe(observer: ConnectionObserver): void;
  /** Ends it as soon as no answer is under way on it, so that its client moves to another gateway. */
  leave(): void;
  /** Ends it because its caller's session was ended, or has other rights now, and may come back with a fresh token. */
  endSession(mayReturn: boolean): void;
  /** Cuts it, whatever is under way. */
  cut(): void;
}

/** Is told when connections are over. */
export interface ConnectionObserver {
  closed(connection: LiveConnection): void;
}

/** How many connections may be open at the same time. */
export interface LiveConnectionLimits {
  readonly maxConnections: number;
  /** Of one person, or of one service in one tenant; connections of nobody in particular are not counted so. */
  readonly maxConnectionsPerCaller: number;
  /** Of one tenant, whoever of it they are of. */
  readonly maxConnectionsPerTenant: number;
}

/** How long a connection may take to end before it is cut. */
const closeTimeoutMs = 2_000;

/** The connections of one gateway that stay open: WebSockets, event streams, multipart streams. */
export class LiveConnections implements ConnectionObserver {
  readonly #limits: LiveConnectionLimits;
  /** With whom each is counted as. */
  readonly #open = new Map<LiveConnection, Principal | undefined>();
  readonly #places: Places;
  /** Those that are waited for. */
  readonly #ending = new Map<LiveConnection, () => void>();
  #closing = false;

  constructor(limits: LiveConnectionLimits) {
    this.#limits = limits;
    const { maxConnectionsPerCaller: perCaller, maxConnectionsPerTenant: perTenant } = limits;
    this.#places = new Places({ what: 'connections', perCaller, perTenant });
  }

  get size(): number {
    return this.#open.size;
  }

  /**
   * @param caller undefined where the client has not said yet who it is
   * @throws AppError `OVERLOADED` where this gateway can hold no more connections, or goes away; `RATE_LIMITED` where the
   *   caller has too many already
   */
  assertRoom(caller?: Caller): void {
    const { maxConnections } = this.#limits;
    if (this.#closing) throw new AppError('OVERLOADED', 'The gateway goes away', { retryAfterSeconds: 1 });
    if (this.#open.size >= maxConnections) {
      throw new AppError('OVERLOADED', 'The gateway holds as many connections as it can', { retryAfterSeconds: 5 });
    }
    if (caller !== undefined) this.#places.assertRoom(caller.principal);
  }

  /** Keeps a connection until it is closed; one that comes while all are being closed is sent on its way at once. */
  add(connection: LiveConnection): void {
    this.#open.set(connection, undefined);
    if (connection.caller !== undefined) this.#count(connection, connection.caller);
    connection.observe(this);
    if (this.#closing) connection.leave();
  }

  /**
   * Counts a connection as its caller's, who has become known later.
   *
   * @throws AppError `RATE_LIMITED` where the caller has too many already
   */
  admit(connection: LiveConnection, caller: Caller): void {
    this.#places.assertRoom(caller.principal);
    this.#count(connection, caller);
  }

  closed(connection: LiveConnection): void {
    const principal = this.#open.get(connection);
    if (principal !== undefined) this.#places.giveBack(principal);
    this.#open.delete(connection);
    this.#ending.get(connection)?.();
  }

  /** Who is at the other ends. */
  *principals(): Iterable<Principal> {
    for (const { caller } of this.#open.keys()) if (caller !== undefined) yield caller.principal;
  }

  /** Ends the connections of a session that was ended, or has other rights. */
  endSession(sessionId: string, mayReturn: boolean): void {
    for (const connection of this.#open.keys()) {
      if (connection.caller?.principal.sessionId === sessionId) connection.endSession(mayReturn);
    }
  }

  #count(connection: LiveConnection, { principal }: Caller): void {
    this.#places.take(principal);
    this.#open.set(connection, principal);
  }

  /** Ends all one after the other over the given time, so that their clients do not come back as a herd. */
  drain(spreadMs: number): void {
    const count = this.#open.size;
    [...this.#open.keys()].forEach((connection, index) => {
      setTimeout(() => connection.leave(), (spreadMs * (index + 1)) / count).unref();
    });
  }

  /** Ends all now, each when its answers are out; resolves when none is open. */
  async close(): Promise<void> {
    this.#closing = true;
    const closed = [...this.#open.keys()].map((connection) => this.#untilClosed(connection));
    for (const connection of [...this.#open.keys()]) connection.leave();
    await Promise.all(closed);
  }

  async #untilClosed(connection: LiveConnection): Promise<void> {
    const timer = setTimeout(() => connection.cut(), closeTimeoutMs);
    await new Promise<void>((resolve) => this.#ending.set(connection, resolve));
    clearTimeout(timer);
    this.#ending.delete(connection);
  }
}
