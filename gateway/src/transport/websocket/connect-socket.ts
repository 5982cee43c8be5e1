import type { Logger } from '@tessera/service/logging';
import type { PingMessage, Server, WebSocket as ProtocolSocket } from 'graphql-ws';
import type { WebSocket } from 'ws';
import { closeCodes, SocketClosure } from './close-codes.js';
import { completeMessage } from './complete-message.js';
import type { KeepAlive } from './keep-alive.js';
import { tokenIn } from './reauthenticate.js';
import type { SocketSession } from './socket-session.js';

export interface ConnectSocketOptions {
  readonly protocol: Server<{ session: SocketSession }>;
  readonly keepAlive: KeepAlive;
  readonly logger: Logger;
  /** `ws` closes by itself after frames that are malformed or too large; it only wants to be listened to. */
  readonly onError: (error: Error) => void;
}

/** Ties a `ws` socket to the protocol's state machine of graphql-ws. */
export function connectSocket(socket: WebSocket, session: SocketSession, options: ConnectSocketOptions): void {
  const { protocol, keepAlive, logger, onError } = options;
  const end = new ProtocolEnd(socket.protocol, session);
  const closed = protocol.opened(end, { session });
  const turn = keepAlive.add(session);
  socket.on('error', onError);
  socket.on('pong', () => session.noteAlive());
  socket.on('message', (data, isBinary) => {
    if (isBinary) return session.close(closeCodes.badRequest, 'Messages must be text');
    end.handle(completeMessage(String(data))).catch((error: unknown) => {
      if (error instanceof SocketClosure) return session.close(error.code, error.message);
      logger.error({ err: error }, 'handling a message failed');
      session.close(closeCodes.internalError, 'Internal server error');
    });
  });
  // It comes once; a listener that sees to that itself is wrapped in two more.
  socket.on('close', (code, reason) => {
    keepAlive.delete(session, turn);
    session.finish();
    closed(code, String(reason)).catch((error: unknown) => logger.error({ err: error }, 'closing a socket failed'));
  });
}

/** A session as graphql-ws sees it. */
class ProtocolEnd implements ProtocolSocket {
  readonly protocol: string;
  readonly #session: SocketSession;
  #handle: ((text: string) => Promise<void>) | undefined;

  constructor(protocol: string, session: SocketSession) {
    this.protocol = protocol;
    this.#session = session;
  }

  send(text: string): Promise<void> {
    return this.#session.send(text);
  }

  close(code: number, reason: string): void {
    this.#session.close(code, reason);
  }

  onMessage(handle: (text: string) => Promise<void>): void {
    this.#handle = handle;
  }

  /** A token is not echoed; what else a ping brings is, as the protocol has it. */
  onPing(payload: PingMessage['payload']): Promise<void> {
    const answer = tokenIn(payload) === undefined ? payload : { authenticated: this.#session.caller !== undefined };
    return this.send(JSON.stringify({ type: 'pong', ...(answer !== undefined && { payload: answer }) }));
  }

  /** Settles when all that the message asks for is over. */
  handle(text: string): Promise<void> {
    return this.#handle?.(text) ?? Promise.resolve();
  }
}
