import type { Server } from 'node:http';
import { Socket } from 'node:net';

/** How long what a peer still sends is read and thrown away. */
const lingerMs = 500;

/**
 * Ends a connection whose peer may still be sending. A connection that is closed with bytes unread is reset, and the
 * answer lost with it (RFC 9112, 9.6): the peer, who could have read why it was refused, sees a broken connection. So
 * only the sending side is closed; what still comes is thrown away, until the peer closes too or its time is up.
 */
export function closeLingering(socket: Socket): void {
  if (socket.destroyed) return;
  socket.end();
  // A listener makes Node's parser let go of the connection: what follows is no request any more.
  socket.on('data', () => undefined);
  socket.removeAllListeners('data');
  socket.resume();
  const timer = setTimeout(() => socket.destroy(), lingerMs).unref();
  socket.once('end', () => socket.destroySoon());
  socket.once('close', () => clearTimeout(timer));
}

/** Makes a server close its connections so after the last answer; Node itself destroys them as soon as it is written. */
export function lingerAtClose(server: Server): void {
  server.on('connection', (socket: Socket) => {
    socket.destroySoon = lingerOnce;
  });
}

/** One function for all: each socket of ten thousand would hold its own. */
function lingerOnce(this: Socket): void {
  this.destroySoon = Socket.prototype.destroySoon;
  closeLingering(this);
}
