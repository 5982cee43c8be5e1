import type { Server, Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

export interface AcceptBacklogOptions {
  /** Milliseconds of a clock that never goes back; default `performance.now`. */
  readonly now?: () => number;
  /** Calls when the event loop has looked at all sockets once; default `setImmediate`. */
  readonly atTurnEnd?: (callback: () => void) => void;
}

/** How long connections have come without a pause over one listening socket. */
interface Run {
  readonly sinceMs: number;
  readonly lastTurn: number;
}

/**
 * Knows how long a connection may have waited to be accepted. The kernel does not say; but the event loop accepts one connection
 * of a listening socket a turn, so who comes when there was nobody in the turn before has waited for less than a turn, and
 * all others at most since then.
 *
 * A process that fell behind would otherwise serve only those who have given up: each connection that it accepts has waited as
 * long as a client waits, and nothing within the process shows that.
 */
export class AcceptBacklog {
  readonly #runs = new WeakMap<Server, Run>();
  /** Milliseconds, of connections that have not asked anything yet: how long they idle after that is their own affair. */
  readonly #waited = new WeakMap<Socket, number>();
  readonly #now: () => number;
  readonly #atTurnEnd: (callback: () => void) => void;
  #turn = 0;
  #isWatching = false;
  #hasAccepted = false;

  constructor({ now = () => performance.now(), atTurnEnd = setImmediate }: AcceptBacklogOptions = {}) {
    this.#now = now;
    this.#atTurnEnd = atTurnEnd;
  }

  /** Notes a connection. @param listener over which it came */
  accepted(listener: Server, socket: Socket): void {
    // What came over another socket is handed on to the server's own.
    if (this.#waited.has(socket)) return;
    const run = this.#runs.get(listener);
    const goesOn = run !== undefined && run.lastTurn >= this.#turn - 1;
    const nowMs = this.#now();
    const sinceMs = goesOn ? run.sinceMs : nowMs;
    this.#runs.set(listener, { sinceMs, lastTurn: this.#turn });
    this.#waited.set(socket, nowMs - sinceMs);
    this.#hasAccepted = true;
    if (this.#isWatching) return;
    this.#isWatching = true;
    this.#watchTurn();
  }

  /**
   * For the first request of a connection.
   *
   * @returns milliseconds that it may have waited to be accepted, at most; 0 for all later requests
   */
  takeWaitedMs(socket: Socket): number {
    const waitedMs = this.#waited.get(socket) ?? 0;
    if (waitedMs > 0) this.#waited.delete(socket);
    return waitedMs;
  }

  /** Turns are counted only while connections come. */
  #watchTurn(): void {
    this.#atTurnEnd(() => {
      this.#turn += 1;
      if (!this.#hasAccepted) {
        this.#isWatching = false;
        return;
      }
      this.#hasAccepted = false;
      this.#watchTurn();
    });
  }
}

const decoration = 'acceptBacklog';

/** Prepares a server for telling how long its connections waited; before it listens. */
export function prepareBacklog(server: FastifyInstance): void {
  const backlog = new AcceptBacklog();
  server.decorate(decoration, backlog);
  server.server.on('connection', (socket: Socket) => backlog.accepted(server.server, socket));
}

/** How long connections of a server of {@link createHttpServer} waited to be accepted. */
export function backlogOf(server: FastifyInstance): AcceptBacklog {
  return server.getDecorator<AcceptBacklog>(decoration);
}
