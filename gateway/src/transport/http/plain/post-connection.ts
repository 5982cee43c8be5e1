import type { IncomingHttpHeaders } from 'node:http';
import type { Socket } from 'node:net';
import { writeMessage } from '@tessera/service/http';
import type { Departure } from '../request-signal.js';
import type { PostReader } from './post-reader.js';

/** Whoever sends smaller pieces than that many of a request sends them to Node, which is patient. */
const maxPieces = 16;

/** A request as it came over such a connection. */
export interface PlainPost {
  readonly method: 'POST';
  readonly headers: IncomingHttpHeaders;
  readonly socket: Socket;
  readonly body: Buffer;
}

export interface PostConnectionOwner {
  /** How long a connection may stay open without a request. */
  readonly idleTimeoutMs: number;
  /** How long the rest of a request is waited for that came in pieces. */
  readonly restTimeoutMs: number;
  /** Answers by {@link PostConnection.answer}, or gives it back by {@link PostConnection.handOver}, before anything else is done. */
  serve(post: PlainPost, connection: PostConnection): void;
  /** It is the owner's no more: closed, or handed over. */
  forget(connection: PostConnection): void;
  /** Takes over a connection that has something else to say than plain POSTs; its bytes are unread again. */
  handOver(socket: Socket): void;
}

/**
 * A client's connection as long as it says nothing but plain POSTs, one after the other. With anything else it becomes Node's, for
 * good: so nothing of HTTP has to be known here that is not needed for those.
 */
export class PostConnection implements Departure {
  readonly #socket: Socket;
  readonly #reader: PostReader;
  readonly #owner: PostConnectionOwner;
  /** The beginning of a request. */
  #begun: Buffer | undefined;
  #pieces = 0;
  #restTimer: NodeJS.Timeout | undefined;
  /** What the request under way was read from. */
  #asked: Buffer | undefined;
  /** What came behind it. */
  #next: Buffer | undefined;
  #onGone: (() => void) | undefined;
  readonly #listeners: readonly (readonly [event: string, listener: (bytes: Buffer) => void])[];

  constructor(socket: Socket, reader: PostReader, owner: PostConnectionOwner) {
    this.#socket = socket;
    this.#reader = reader;
    this.#owner = owner;
    this.#listeners = [
      ['data', (bytes) => this.#receive(bytes)],
      ['end', () => this.#end()],
      ['timeout', () => this.#expire()],
      ['drain', () => this.#goOn()],
      // `close` follows.
      ['error', () => undefined],
      ['close', () => this.#leave()],
    ];
    for (const [event, listener] of this.#listeners) socket.on(event, listener);
    socket.setTimeout(owner.idleTimeoutMs);
  }

  /** Whether the last request was answered. */
  get writableFinished(): boolean {
    return this.#asked === undefined;
  }

  /** One at a time listens, for one request at a time is under way. */
  once(_event: 'close', listener: () => void): void {
    this.#onGone = listener;
  }

  off(): void {
    this.#onGone = undefined;
  }

  /** Writes the answer to the request under way. */
  answer(head: string, body: string | Buffer, bodyLength: number, isLast: boolean): void {
    const socket = this.#socket;
    this.#asked = undefined;
    if (!socket.writable) return;
    writeMessage(socket, head, body, bodyLength);
    if (isLast) socket.destroySoon();
    else if (this.#next !== undefined) this.#goOn();
    // Who does not read what was answered is not served more.
    else if (socket.writableNeedDrain) socket.pause();
  }

  /** Where nothing of the request under way was answered: Node reads it again, and all that follows. */
  handOver(): void {
    clearTimeout(this.#restTimer);
    const parts = [this.#begun, this.#asked, this.#next].filter((part) => part !== undefined);
    const [socket, bytes] = [this.#socket, parts.length === 1 ? parts[0] : Buffer.concat(parts)];
    for (const [event, listener] of this.#listeners) socket.off(event, listener);
    this.#owner.forget(this);
    if (socket.destroyed || socket.readableEnded) return;
    socket.setTimeout(0);
    socket.pause();
    socket.unshift(bytes);
    this.#owner.handOver(socket);
    process.nextTick(() => socket.resume());
  }

  /** Ends a connection that has no request under way. */
  closeIdle(): void {
    if (this.#asked === undefined && this.#begun === undefined) this.#socket.destroySoon();
  }

  #receive(bytes: Buffer): void {
    if (this.#begun !== undefined) return this.#take(Buffer.concat([this.#begun, bytes]));
    if (this.#asked === undefined && this.#next === undefined) return this.#take(bytes);
    this.#next = this.#next === undefined ? bytes : Buffer.concat([this.#next, bytes]);
    this.#socket.pause();
  }

  #take(bytes: Buffer): void {
    const post = this.#reader.read(bytes);
    if (post === 'more' && this.#pieces < maxPieces) return this.#await(bytes);
    if (this.#begun !== undefined) this.#forgetBegun();
    this.#asked = bytes;
    if (post === undefined || post === 'more') return this.handOver();
    const { headers, bodyStart } = post;
    const body = bytes.subarray(bodyStart);
    this.#owner.serve({ method: 'POST', headers, socket: this.#socket, body }, this);
  }

  /** Only for a moment: to judge who takes too long is Node's. */
  #await(bytes: Buffer): void {
    this.#begun = bytes;
    this.#pieces += 1;
    this.#restTimer ??= setTimeout(() => this.handOver(), this.#owner.restTimeoutMs);
  }

  #forgetBegun(): void {
    clearTimeout(this.#restTimer);
    this.#begun = undefined;
    this.#pieces = 0;
    this.#restTimer = undefined;
  }

  /** Reads on, once what was answered has left. */
  #goOn(): void {
    if (this.#asked !== undefined || this.#socket.writableNeedDrain) return;
    const next = this.#next;
    this.#next = undefined;
    this.#socket.resume();
    if (next !== undefined) this.#take(next);
  }

  /** Whoever says no more leaves, as far as Node is concerned; of a request that is not whole nothing more comes. */
  #end(): void {
    this.#forgetBegun();
    this.#socket.end();
  }

  #expire(): void {
    if (this.#asked === undefined) this.#socket.destroy();
  }

  #leave(): void {
    clearTimeout(this.#restTimer);
    this.#owner.forget(this);
    this.#onGone?.();
  }
}
