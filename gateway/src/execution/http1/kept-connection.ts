import { connect, type Socket } from 'node:net';
import { writeMessage } from '@tessera/service/http';
import { LostConnection, type HttpAnswer } from './http-answer.js';
import type { LargeReader, ReadingOrder } from './reading-order.js';
import { defaultKeepAliveMs } from './response-head.js';
import { ResponseReader } from './response-reader.js';
import type { SpareBlocks } from './spare-blocks.js';

/** One request, and who waits for its answer. */
export interface Exchange {
  /** Request line and headers, each with its line's end, without the body's length. */
  readonly head: string;
  readonly body: string;
  /** The largest answer that is read. */
  readonly maxBytes: number;
  /** Nobody waits any more: it is not to be sent. */
  readonly isOver: boolean;
  /** It is under way; who gives it up closes the connection. */
  begin(connection: { close(): void }): void;
  answer(answer: HttpAnswer): void;
  fail(error: Error): void;
}

/** Whom a connection tells how it is. */
export interface ConnectionOwner {
  /** Who reads on when more is there than one turn is for. */
  readonly readingOrder: ReadingOrder;
  readonly spareBlocks: SpareBlocks;
  /** It is open, and can take its first exchange. */
  opened(connection: KeptConnection): void;
  /** It can take the next exchange. */
  free(connection: KeptConnection): void;
  /** It is closed. @param error why there never was one; undefined where it had been open */
  gone(connection: KeptConnection, error: Error | undefined): void;
}

export interface ConnectionTarget {
  readonly host: string;
  readonly port: number;
  readonly connectTimeoutMs: number;
  /** How old a connection gets, or a quarter more or less: those that were opened together are not replaced together. */
  readonly maxAgeMs: number;
}

/**
 * The kernel's bytes are put here, read at once, and written over by the next: all connections share it. It is also how much
 * of an answer is read before others have a turn, for the kernel may have megabytes of it; and most answers fit in, which then
 * need no memory of their own.
 */
const received = Buffer.allocUnsafeSlow(131_072);

/** A socket that carries one exchange at a time, and is kept for the next. */
export class KeptConnection implements LargeReader {
  /** Whether it has stopped reading for now. */
  isPaused = false;
  /** By `performance.now`, when it must not be used any more. */
  expiresAtMs = 0;
  readonly #owner: ConnectionOwner;
  readonly #socket: Socket;
  #replacedAtMs = 0;
  #exchange: Exchange | undefined;
  #reader: ResponseReader | undefined;
  #isOpen = false;
  #isLarge = false;
  #error: Error | undefined;

  constructor({ host, port, connectTimeoutMs, maxAgeMs }: ConnectionTarget, owner: ConnectionOwner) {
    this.#owner = owner;
    const onread = { buffer: received, callback: (length: number) => this.#receive(length) };
    this.#socket = connect({ host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000, onread });
    const timer = setTimeout(() => this.#socket.destroy(new ConnectTimeout(connectTimeoutMs)), connectTimeoutMs);
    this.#socket
      .once('connect', () => {
        clearTimeout(timer);
        this.#isOpen = true;
        this.#replacedAtMs = performance.now() + maxAgeMs * (0.75 + Math.random() / 2);
        this.#keep(defaultKeepAliveMs);
        this.#owner.opened(this);
      })
      .once('end', () => this.#end())
      .once('error', (error: Error) => (this.#error = error))
      .once('close', () => {
        clearTimeout(timer);
        this.#calmDown();
        this.#settle(this.#exchange)?.fail(new LostConnection(this.#error));
        this.#owner.gone(this, this.#isOpen ? undefined : (this.#error ?? new LostConnection()));
      });
  }

  /** Sends a request. */
  send(exchange: Exchange): void {
    this.#exchange = exchange;
    this.#reader = new ResponseReader(exchange.maxBytes, this.#owner.spareBlocks);
    exchange.begin(this);
    const { head, body } = exchange;
    const length = Buffer.byteLength(body);
    // In headers each character is a byte.
    writeMessage(this.#socket, `${head}content-length: ${length}\r\n\r\n`, body, length);
  }

  /** Closes it, also under an exchange. */
  close(): void {
    this.#socket.destroy();
  }

  #receive(length: number): boolean {
    const [exchange, reader] = [this.#exchange, this.#reader];
    if (exchange === undefined || reader === undefined) {
      // Nobody has asked: it would be taken for the answer to what is asked next.
      this.close();
      return false;
    }
    try {
      const answer = reader.read(received.subarray(0, length));
      if (answer !== undefined) {
        this.#calmDown();
        this.#finish(exchange, answer, reader.keepAliveMs);
        return true;
      }
    } catch (error) {
      this.#settle(exchange);
      this.close();
      exchange.fail(error as Error);
      return false;
    }
    return this.#mayReadOn(length, reader);
  }

  /** Reading goes on in a later turn of the event loop where much has come at once, or while others use the memory. */
  #mayReadOn(length: number, reader: ResponseReader): boolean {
    const isInTurn = reader.holdsBlocks && this.#owner.spareBlocks.areShort;
    if (length < received.length && !isInTurn) {
      this.#calmDown();
      return true;
    }
    this.isPaused = true;
    this.#isLarge = true;
    this.#owner.readingOrder.enter(this, length);
    return false;
  }

  readOn(): void {
    this.isPaused = false;
    this.#socket.resume();
  }

  #calmDown(): void {
    if (!this.#isLarge) return;
    this.#isLarge = false;
    this.#owner.readingOrder.leave(this);
  }

  #finish(exchange: Exchange, answer: HttpAnswer, keepAliveMs: number): void {
    this.#settle(exchange);
    // An answer that came before its request had left does not mean that the rest of the request will be read.
    if (keepAliveMs === 0 || this.#socket.writableLength > 0) this.close();
    else {
      this.#keep(keepAliveMs);
      this.#owner.free(this);
    }
    exchange.answer(answer);
  }

  #end(): void {
    const answer = this.#reader?.end();
    if (answer !== undefined) this.#settle(this.#exchange)?.answer(answer);
    this.close();
  }

  #keep(keepAliveMs: number): void {
    this.expiresAtMs = Math.min(performance.now() + keepAliveMs, this.#replacedAtMs);
  }

  #settle(exchange: Exchange | undefined): Exchange | undefined {
    this.#exchange = undefined;
    this.#reader?.discard();
    this.#reader = undefined;
    return exchange;
  }
}

/** As the kernel would say it, had it lost its patience. */
class ConnectTimeout extends Error {
  readonly code = 'ETIMEDOUT';
  readonly syscall = 'connect';

  constructor(timeoutMs: number) {
    super(`No connection within ${timeoutMs} ms`);
  }
}
