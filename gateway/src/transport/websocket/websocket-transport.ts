import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Principal } from '@tessera/service/identity';
import type { Logger } from '@tessera/service/logging';
import type { FastifyInstance } from 'fastify';
import { handleProtocols } from 'graphql-ws';
import { WebSocketServer, type WebSocket } from 'ws';
import { closeCodes } from './close-codes.js';
import { connectSocket, untilClosed } from './connect-socket.js';
import { createGraphqlProtocol, type GraphqlProtocolOptions } from './graphql-protocol.js';
import { SocketSession } from './socket-session.js';

export interface WebSocketTransportOptions extends GraphqlProtocolOptions {
  readonly logger: Logger;
  readonly maxMessageBytes: number;
  /** 0: sockets are not pinged. */
  readonly pingIntervalMs: number;
}

/** The open sockets of this gateway. */
export interface Sockets {
  /** Who is at the other ends. */
  principals(): Iterable<Principal>;
  /** Closes the sockets of a session that was ended. */
  closeSession(sessionId: string): void;
  /** Closes all sockets one after the other over the given time, so that their clients do not come back as a herd. */
  drain(spreadMs: number): void;
  /** Closes all sockets now, each when its answers are out; resolves when none is open. */
  close(): Promise<void>;
}

const path = '/graphql';

/** Serves GraphQL over WebSocket on the server's port. */
export function addWebSocketTransport(server: FastifyInstance, options: WebSocketTransportOptions): Sockets {
  const { logger, maxMessageBytes, pingIntervalMs } = options;
  const protocol = createGraphqlProtocol(options);
  const sessions = new Map<WebSocket, SocketSession>();
  const webSockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: maxMessageBytes,
    perMessageDeflate: false,
    handleProtocols,
  });

  const open = (socket: WebSocket, request: IncomingMessage): void => {
    const session = new SocketSession(socket, request.headers);
    sessions.set(socket, session);
    socket.once('close', () => sessions.delete(socket));
    connectSocket(socket, session, protocol, { logger, pingIntervalMs });
  };
  server.server.on('upgrade', (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    // Until the handshake is over nobody else listens, and an unheard error would end the process.
    stream.on('error', (error) => logger.debug({ err: error }, 'an upgrade failed'));
    const [requestPath] = (request.url ?? '').split('?');
    if (requestPath === path) webSockets.handleUpgrade(request, stream, head, open);
    else stream.end('HTTP/1.1 404 Not Found\r\nconnection: close\r\ncontent-length: 0\r\n\r\n');
  });

  return {
    *principals() {
      for (const { caller } of sessions.values()) if (caller !== undefined) yield caller.principal;
    },
    closeSession(sessionId) {
      for (const session of sessions.values()) {
        if (session.caller?.principal.sessionId !== sessionId) continue;
        session.close(closeCodes.sessionEnded, 'UNAUTHENTICATED: The session has ended');
      }
    },
    drain(spreadMs) {
      let position = 0;
      for (const session of sessions.values()) {
        position += 1;
        setTimeout(() => session.leave(), (spreadMs * position) / sessions.size).unref();
      }
    },
    async close() {
      for (const session of sessions.values()) session.leave();
      await Promise.all([...sessions.keys()].map(untilClosed));
    },
  };
}
