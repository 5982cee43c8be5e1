import type { Logger } from '@tessera/service/logging';
import type { Server } from 'graphql-ws';
import type { WebSocket } from 'ws';
import { closeCodes, closeReason, SocketClosure } from './close-codes.js';
import { completeMessage } from './complete-message.js';
import { tokenIn } from './reauthenticate.js';
import type { SocketSession } from './socket-session.js';

/** Ties a `ws` socket to the protocol's state machine of graphql-ws. */
export function connectSocket(
  socket: WebSocket,
  session: SocketSession,
  protocol: Server<{ session: SocketSession }>,
  { logger, pingIntervalMs }: { readonly logger: Logger; readonly pingIntervalMs: number },
): void {
  const close = (code: number, reason: string): void => socket.close(code, closeReason(reason));
  const stopPinging = keepAlive(socket, pingIntervalMs);
  // `ws` closes by itself after frames that are malformed or too large; it only wants to be listened to.
  socket.on('error', (error) => logger.debug({ err: error }, 'a socket failed'));

  const closed = protocol.opened(
    {
      protocol: socket.protocol,
      send: (data) => session.send(data),
      close,
      // A token is not echoed; what else a ping brings is, as the protocol has it.
      onPing: (payload) => {
        const answer = tokenIn(payload) === undefined ? payload : { authenticated: session.caller !== undefined };
        return session.send(JSON.stringify({ type: 'pong', ...(answer !== undefined && { payload: answer }) }));
      },
      onMessage: (handle) => {
        socket.on('message', (data, isBinary) => {
          if (isBinary) return close(closeCodes.badRequest, 'Messages must be text');
          handle(completeMessage(String(data))).catch((error: unknown) => {
            if (error instanceof SocketClosure) return close(error.code, error.message);
            logger.error({ err: error }, 'handling a message failed');
            close(closeCodes.internalError, 'Internal server error');
          });
        });
      },
    },
    { session },
  );
  socket.once('close', (code, reason) => {
    stopPinging();
    closed(code, String(reason)).catch((error: unknown) => logger.error({ err: error }, 'closing a socket failed'));
  });
}

/** Pings the peer, and cuts it off when it has not answered by the next time. */
function keepAlive(socket: WebSocket, intervalMs: number): () => void {
  if (intervalMs === 0) return () => undefined;
  let answered = true;
  socket.on('pong', () => (answered = true));
  const timer = setInterval(() => {
    if (!answered) return socket.terminate();
    answered = false;
    socket.ping();
  }, intervalMs);
  return () => clearInterval(timer);
}
