import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

const endOfHead = Buffer.from('\r\n\r\n');
const endOfLine = Buffer.from('\r\n');
const firstBytes = 65_536;

/**
 * One kept connection that sends a request, waits for its answer, and may then send the next. Answers are read where the last
 * one was: memory taken for each would have to be collected, and what waits for that would seem to wait for whoever is measured.
 */
export class LoadConnection {
  readonly #socket: Socket;
  #buffer = Buffer.allocUnsafe(firstBytes);
  /** How much of the buffer is read. */
  #length = 0;
  /** Bytes that must be there before it is worth looking at them. */
  #wanted = 0;
  #resolve: (body: Buffer) => void = () => undefined;
  #reject: (error: Error) => void = () => undefined;

  private constructor(port: number) {
    const onread = {
      buffer: () => this.#room(),
      callback: (count: number) => {
        this.#length += count;
        this.#look();
        return true;
      },
    };
    this.#socket = connect({ host: '127.0.0.1', port, noDelay: true, onread });
    this.#socket.on('error', (error) => this.#reject(error));
    this.#socket.on('close', () => this.#reject(new Error('The connection was closed before its answer came')));
  }

  static async open(port: number): Promise<LoadConnection> {
    const connection = new LoadConnection(port);
    await once(connection.#socket, 'connect');
    return connection;
  }

  /** @returns the body of the answer, which the next one overwrites. @throws Error for another status than 200 */
  exchange(request: Buffer): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
      this.#socket.write(request);
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  /** Where the next bytes go. */
  #room(): Buffer {
    if (this.#length === this.#buffer.length) this.#buffer = Buffer.concat([this.#buffer], 2 * this.#length);
    return this.#buffer.subarray(this.#length);
  }

  #look(): void {
    if (this.#length < this.#wanted) return;
    const message = this.#buffer.subarray(0, this.#length);
    const headLength = message.indexOf(endOfHead);
    if (headLength === -1) return;
    const head = message.toString('latin1', 0, headLength);
    const start = headLength + endOfHead.length;
    const bodyLength = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
    this.#wanted = bodyLength === undefined ? 0 : start + Number(bodyLength);
    if (message.length < this.#wanted) return;
    const body = bodyLength === undefined ? joinChunks(message, start) : message.subarray(start);
    if (body === undefined) return;
    [this.#length, this.#wanted] = [0, 0];
    if (head.startsWith('HTTP/1.1 200 ')) this.#resolve(body);
    else this.#reject(new Error(`${head.slice(0, head.indexOf('\r'))}: ${body.toString('utf8', 0, 500)}`));
  }
}

/** @returns undefined where the last chunk has not come yet */
function joinChunks(message: Buffer, start: number): Buffer | undefined {
  const parts: Buffer[] = [];
  for (let position = start; ;) {
    const line = message.indexOf(endOfLine, position);
    if (line === -1) return undefined;
    const size = Number.parseInt(message.toString('latin1', position, line), 16);
    const end = line + endOfLine.length + size;
    if (message.length < end + endOfLine.length) return undefined;
    if (size === 0) return Buffer.concat(parts);
    parts.push(message.subarray(line + endOfLine.length, end));
    position = end + endOfLine.length;
  }
}
