import type { Principal } from '@tessera/service/identity';
import type { WebSocket } from 'ws';
import { closeCodes } from './close-codes.js';
import { untilClosed } from './connect-socket.js';
import type { SocketSession } from './socket-session.js';

/** The open sockets of one gateway. */
export class SocketRegistry {
  readonly #sessions = new Map<WebSocket, SocketSession>();
  #closing = false;

  /** Keeps a socket until it is closed; one that comes while all are being closed is sent on its way at once. */
  add(socket: WebSocket, session: SocketSession): void {
    this.#sessions.set(socket, session);
    socket.once('close', () => this.#sessions.delete(socket));
    if (this.#closing) session.leave();
  }

  /** Who is at the other ends. */
  *principals(): Iterable<Principal> {
    for (const { caller } of this.#sessions.values()) if (caller !== undefined) yield caller.principal;
  }

  /** Closes the sockets of a session that was ended. */
  closeSession(sessionId: string): void {
    for (const session of this.#sessions.values()) {
      if (session.caller?.principal.sessionId !== sessionId) continue;
      session.close(closeCodes.sessionEnded, 'UNAUTHENTICATED: The session has ended');
    }
  }

  /** Closes all sockets one after the other over the given time, so that their clients do not come back as a herd. */
  drain(spreadMs: number): void {
    const count = this.#sessions.size;
    [...this.#sessions.values()].forEach((session, index) => {
      setTimeout(() => session.leave(), (spreadMs * (index + 1)) / count).unref();
    });
  }

  /** Closes all sockets now, each when its answers are out; resolves when none is open. */
  async close(): Promise<void> {
    this.#closing = true;
    const sockets = [...this.#sessions];
    for (const [, session] of sockets) session.leave();
    await Promise.all(sockets.map(([socket]) => untilClosed(socket)));
  }
}
