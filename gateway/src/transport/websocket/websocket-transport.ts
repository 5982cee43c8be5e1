import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { toAppError } from '@tessera/service/errors';
import type { ClientAddressOf, ClientPlaceOf } from '@tessera/service/http';
import type { FastifyInstance } from 'fastify';
import { CloseCode, GRAPHQL_TRANSPORT_WS_PROTOCOL } from 'graphql-ws';
import { WebSocketServer, type WebSocket } from 'ws';
import { findHeaderFault } from '../header-limits.js';
import { isAllowedUpgrade, type IsAllowedOrigin } from '../origins.js';
import { connectSocket } from './connect-socket.js';
import { Deadlines } from './deadlines.js';
import { createGraphqlProtocol, type GraphqlProtocolOptions } from './graphql-protocol.js';
import { KeepAlive } from './keep-alive.js';
import { refuseUpgrade } from './refuse-upgrade.js';
import { SocketSession } from './socket-session.js';

/** What sockets are served by, and who may open one. */
export interface WebSocketTransportOptions extends GraphqlProtocolOptions {
  readonly clientAddressOf: ClientAddressOf;
  readonly clientPlaceOf: ClientPlaceOf;
  readonly maxMessageBytes: number;
  /** Pages of which origins may open sockets. */
  readonly isAllowedOrigin: IsAllowedOrigin;
  readonly maxHeaders: number;
  /** How long a client may take to say who it is. */
  readonly connectionInitTimeoutMs: number;
  /** 0: sockets are not pinged. */
  readonly pingIntervalMs: number;
}

const path = '/graphql';

/** The subprotocol of `subscriptions-transport-ws`, which is not spoken here: it lets operations begin unannounced. */
const legacyProtocol = 'graphql-ws';

/** Serves GraphQL over WebSocket on the server's port. */
export function addWebSocketTransport(server: FastifyInstance, options: WebSocketTransportOptions): void {
  const { connections, logger, clientAddressOf, clientPlaceOf, maxMessageBytes, isAllowedOrigin } = options;
  const { maxHeaders, pingIntervalMs, connectionInitTimeoutMs } = options;
  const protocol = createGraphqlProtocol(options);
  const keepAlive = new KeepAlive(pingIntervalMs);
  const deadlines = new Deadlines<SocketSession>((session) => session.timeUp());
  const onError = (error: Error): void => logger.debug({ err: error }, 'a socket failed');
  const onUpgradeError = (error: Error): void => logger.debug({ err: error }, 'an upgrade failed');
  const webSockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: maxMessageBytes,
    perMessageDeflate: false,
    handleProtocols: chooseProtocol,
  });

  /** Nothing that stays sees the request: it is several times as large as a session. */
  const open = (socket: WebSocket, request: IncomingMessage, stream: Duplex): void => {
    stream.off('error', onUpgradeError);
    if (socket.protocol !== GRAPHQL_TRANSPORT_WS_PROTOCOL) {
      socket.on('error', onError);
      socket.close(
        CloseCode.SubprotocolNotAcceptable,
        `Subprotocol ${socket.protocol || '(none)'} is not served: use ${GRAPHQL_TRANSPORT_WS_PROTOCOL} (npm: graphql-ws)`,
      );
      return;
    }
    const [address, place] = [clientAddressOf(request), clientPlaceOf(request)];
    const session = new SocketSession(socket, stream, request.headers, address, place, deadlines);
    session.awaitIntroduction(connectionInitTimeoutMs);
    connections.add(session);
    connectSocket(socket, session, { protocol, keepAlive, logger, onError });
  };
  server.server.on('upgrade', (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    // Until the handshake is over nobody else listens, and an unheard error would end the process.
    stream.on('error', onUpgradeError);
    const [requestPath] = (request.url ?? '').split('?');
    if (requestPath !== path) return refuseUpgrade(stream, 404);
    const fault = findHeaderFault(request, maxHeaders);
    if (fault !== undefined) return refuseUpgrade(stream, fault.status);
    if (!isAllowedUpgrade(request, isAllowedOrigin)) return refuseUpgrade(stream, 403);
    try {
      connections.assertRoom();
      webSockets.handleUpgrade(request, stream, head, (socket) => open(socket, request, stream));
    } catch (error) {
      const { traits, retryAfterSeconds } = toAppError(error);
      refuseUpgrade(stream, traits.httpStatus, retryAfterSeconds);
    }
  });
}

/** The legacy protocol is taken up only to be closed with a reason: a browser shows none for a handshake that failed. */
function chooseProtocol(offered: ReadonlySet<string>): string | false {
  if (offered.has(GRAPHQL_TRANSPORT_WS_PROTOCOL)) return GRAPHQL_TRANSPORT_WS_PROTOCOL;
  return offered.has(legacyProtocol) && legacyProtocol;
}
