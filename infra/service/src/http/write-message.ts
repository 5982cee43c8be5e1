import type { Socket } from 'node:net';

/** To join a text to its head means to copy it: beyond so many characters that costs more than a second write. */
const maxJoined = 4_096;

/**
 * Writes a message of HTTP/1.1 at once.
 *
 * @param head with the empty line at its end; each character is a byte
 * @param bodyLength bytes
 */
export function writeMessage(socket: Socket, head: string, body: string | Buffer, bodyLength: number): void {
  // ASCII goes as it is: as UTF-8 Node would make room for three times as much.
  const isPlain = typeof body === 'string' && bodyLength === body.length;
  if (isPlain && bodyLength <= maxJoined) {
    socket.write(head + body, 'latin1');
    return;
  }
  socket.cork();
  socket.write(head, 'latin1');
  socket.write(body, isPlain ? 'latin1' : 'utf8');
  socket.uncork();
}
