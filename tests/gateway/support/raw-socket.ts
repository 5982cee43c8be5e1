import { once } from 'node:events';
import { WebSocket } from 'ws';

export interface ProtocolMessage {
  readonly type: string;
  readonly id?: string;
  readonly payload?: unknown;
}

/** A WebSocket client that does what it is told, also what no library would do. */
export interface RawSocket {
  readonly socket: WebSocket;
  send(message: unknown): void;
  /** The next message that has not been taken yet. */
  next(): Promise<ProtocolMessage>;
  /** Says `connection_init` and waits for the acknowledgement. */
  initialise(payload?: Readonly<Record<string, unknown>>): Promise<void>;
  /** Resolves with the code and reason of the closing. */
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
}

/** Opens a socket; resolves when the handshake is over. @param headers of the upgrade */
export async function openRawSocket(
  url: string,
  protocol = 'graphql-transport-ws',
  headers: Readonly<Record<string, string>> = {},
): Promise<RawSocket> {
  const socket = new WebSocket(url, protocol, { headers });
  const messages: ProtocolMessage[] = [];
  const waiting: ((message: ProtocolMessage) => void)[] = [];
  socket.on('message', (data) => {
    const message = JSON.parse(String(data)) as ProtocolMessage;
    const waiter = waiting.shift();
    if (waiter === undefined) messages.push(message);
    else waiter(message);
  });
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.once('close', (code, reason) => resolve({ code, reason: String(reason) }));
  });
  await once(socket, 'open');
  const next = (): Promise<ProtocolMessage> => {
    const message = messages.shift();
    return message === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(message);
  };
  const send = (message: unknown): void => socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  return {
    socket,
    send,
    next,
    closed,
    async initialise(payload) {
      send({ type: 'connection_init', payload });
      const refused = closed.then(({ code, reason }): never => {
        throw new Error(`Expected an acknowledgement, not a close with ${code} ${reason}`);
      });
      // Who has been acknowledged may be closed later, and that is no fault of this.
      refused.catch(() => undefined);
      const { type } = await Promise.race([next(), refused]);
      if (type !== 'connection_ack') throw new Error(`Expected an acknowledgement, not ${type}`);
    },
  };
}
