import { connect, type Socket } from 'node:net';

/** What one client of the crowd tells. */
export interface LightSocketEvents {
  /** The server has let it in. */
  onAcknowledged(socket: LightSocket): void;
  /** An answer came: its bytes are good during the call alone. */
  onAnswer(payload: Buffer): void;
  onClosed(socket: LightSocket): void;
}

const opcodes = { text: 1, close: 8, ping: 9, pong: 10 } as const;

const key = Buffer.from('sixteen bytes...').toString('base64');
const endOfHead = Buffer.from('\r\n\r\n');
const nothing = Buffer.alloc(0);
/** Node hands every arrival over in this buffer, which the sockets of the process share: it is read before the next comes. */
const arrivals = Buffer.allocUnsafe(64 * 1024);

/**
 * A client of graphql-transport-ws that costs next to nothing, so that the server is what is measured: one operation, frames
 * written and read by hand (RFC 6455), no fragments and no messages beyond 64 KiB.
 */
export class LightSocket {
  readonly #socket: Socket;
  readonly #events: LightSocketEvents;
  readonly #query: string;
  /** What is said first; then there is nothing of it left. */
  #hello: string | undefined;
  #rest = nothing;

  constructor(port: number, token: string, query: string, events: LightSocketEvents) {
    this.#events = events;
    this.#query = query;
    this.#socket = connect({
      port,
      host: '127.0.0.1',
      noDelay: true,
      onread: {
        buffer: arrivals,
        callback: (length) => {
          this.#read(arrivals.subarray(0, length));
          return true;
        },
      },
    });
    this.#socket.on('error', () => this.#socket.destroy());
    this.#socket.once('close', () => events.onClosed(this));
    const upgrade = `GET /graphql HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket`;
    const protocol = `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\nSec-WebSocket-Protocol: graphql-transport-ws`;
    this.#socket.write(`${upgrade}\r\n${protocol}\r\n\r\n`);
    this.#hello = JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } });
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #read(arrived: Buffer): void {
    let bytes = this.#rest.length === 0 ? arrived : Buffer.concat([this.#rest, arrived]);
    if (this.#hello !== undefined) {
      const headLength = bytes.indexOf(endOfHead);
      if (headLength === -1) return this.#keep(bytes);
      if (!bytes.toString('latin1', 0, 12).endsWith('101')) return void this.#socket.destroy();
      bytes = bytes.subarray(headLength + endOfHead.length);
      this.#send(opcodes.text, this.#hello);
      this.#hello = undefined;
    }
    this.#keep(this.#readFrames(bytes));
  }

  /** @returns what is left of a frame that has not come whole */
  #readFrames(bytes: Buffer): Buffer {
    let offset = 0;
    while (bytes.length - offset >= 2) {
      const short = (bytes[offset + 1] ?? 0) & 0x7f;
      const headLength = short === 126 ? 4 : 2;
      if (bytes.length - offset < headLength) break;
      const length = short === 126 ? bytes.readUInt16BE(offset + 2) : short;
      const end = offset + headLength + length;
      if (bytes.length < end) break;
      this.#take((bytes[offset] ?? 0) & 0x0f, bytes.subarray(offset + headLength, end));
      offset = end;
    }
    return bytes.subarray(offset);
  }

  #take(opcode: number, payload: Buffer): void {
    if (opcode === opcodes.close) this.#socket.end();
    else if (opcode === opcodes.ping) this.#send(opcodes.pong, payload.toString('latin1'));
    else if (opcode !== opcodes.text) return;
    else if (payload.includes('"connection_ack"')) this.#subscribe();
    else this.#events.onAnswer(payload);
  }

  #subscribe(): void {
    this.#send(opcodes.text, JSON.stringify({ id: '1', type: 'subscribe', payload: { query: this.#query } }));
    this.#events.onAcknowledged(this);
  }

  #keep(rest: Buffer): void {
    this.#rest = rest.length === 0 ? nothing : Buffer.from(rest);
  }

  /** Clients have to mask what they send; a mask of zeros leaves it as it is. */
  #send(opcode: number, text: string): void {
    const payload = Buffer.from(text);
    const head = Buffer.alloc((payload.length < 126 ? 2 : 4) + 4);
    head[0] = 0x80 | opcode;
    head[1] = 0x80 | (payload.length < 126 ? payload.length : 126);
    if (payload.length >= 126) head.writeUInt16BE(payload.length, 2);
    this.#socket.write(Buffer.concat([head, payload]));
  }
}
