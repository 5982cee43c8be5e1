import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ClientAddressOf } from '@tessera/service/http';
import type { FastifyInstance } from 'fastify';
import { handleProtocols } from 'graphql-ws';
import { WebSocketServer, type WebSocket } from 'ws';
import { connectSocket } from './connect-socket.js';
import { createGraphqlProtocol, type GraphqlProtocolOptions } from './graphql-protocol.js';
import type { SocketRegistry } from './socket-registry.js';
import { SocketSession } from './socket-session.js';

export interface WebSocketTransportOptions extends GraphqlProtocolOptions {
  /** Where open sockets are kept. */
  readonly sockets: SocketRegistry;
  readonly clientAddressOf: ClientAddressOf;
  readonly maxMessageBytes: number;
  /** 0: sockets are not pinged. */
  readonly pingIntervalMs: number;
}

const path = '/graphql';

/** Serves GraphQL over WebSocket on the server's port. */
export function addWebSocketTransport(server: FastifyInstance, options: WebSocketTransportOptions): void {
  const { sockets, logger, clientAddressOf, maxMessageBytes, pingIntervalMs } = options;
  const protocol = createGraphqlProtocol(options);
  const webSockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: maxMessageBytes,
    perMessageDeflate: false,
    handleProtocols,
  });

  const open = (socket: WebSocket, request: IncomingMessage): void => {
    const session = new SocketSession(socket, request.headers, clientAddressOf(request));
    sockets.add(socket, session);
    connectSocket(socket, session, protocol, { logger, pingIntervalMs });
  };
  server.server.on('upgrade', (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    // Until the handshake is over nobody else listens, and an unheard error would end the process.
    stream.on('error', (error) => logger.debug({ err: error }, 'an upgrade failed'));
    const [requestPath] = (request.url ?? '').split('?');
    if (requestPath === path) webSockets.handleUpgrade(request, stream, head, open);
    else stream.end('HTTP/1.1 404 Not Found\r\nconnection: close\r\ncontent-length: 0\r\n\r\n');
  });
}
