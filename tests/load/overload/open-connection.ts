import { connect, type Socket } from 'node:net';

const endOfHead = Buffer.from('\r\n\r\n');

/** What became of one exchange: a status, or none where the connection broke or the client gave up. */
export type Outcome = number | undefined;

/** One kept connection. It reads answers only as far as it must to know where they end. */
export class OpenConnection {
  readonly #socket: Socket;
  #status = 0;
  /** Bytes of the body that are still to come; -1 while the head is. */
  #missing = -1;
  #head: Buffer = Buffer.alloc(0);
  #settle: ((outcome: Outcome) => void) | undefined;
  isOpen = true;

  constructor(port: number) {
    this.#socket = connect({ host: '127.0.0.1', port, noDelay: true });
    this.#socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    this.#socket.on('error', () => this.close());
    this.#socket.on('close', () => this.close());
  }

  /** Sends a request; `settle` is called once. */
  exchange(request: Buffer, settle: (outcome: Outcome) => void): void {
    this.#settle = settle;
    this.#socket.write(request);
  }

  close(): void {
    this.isOpen = false;
    this.#socket.destroy();
    this.#end(undefined);
  }

  #receive(chunk: Buffer): void {
    if (this.#missing >= 0) {
      this.#missing -= chunk.length;
    } else {
      this.#head = this.#head.length === 0 ? chunk : Buffer.concat([this.#head, chunk]);
      const headLength = this.#head.indexOf(endOfHead);
      if (headLength === -1) return;
      const head = this.#head.toString('latin1', 0, headLength);
      this.#status = Number(head.slice(9, 12));
      const bodyLength = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0);
      this.#missing = bodyLength - (this.#head.length - headLength - endOfHead.length);
    }
    if (this.#missing > 0) return;
    [this.#missing, this.#head] = [-1, Buffer.alloc(0)];
    this.#end(this.#status);
  }

  #end(outcome: Outcome): void {
    const settle = this.#settle;
    this.#settle = undefined;
    settle?.(outcome);
  }
}
