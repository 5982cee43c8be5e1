import { isDeepStrictEqual } from 'node:util';
import type { Duplex } from 'node:stream';
import { unauthenticated } from '@tessera/service/identity';
import type { ClientPlace } from '@tessera/service/http';
import { CloseCode } from 'graphql-ws';
import type { WebSocket } from 'ws';
import type { Caller } from '../../context.js';
import { sessionEnded } from '../caller-rights.js';
import type { ConnectionObserver, LiveConnection } from '../live-connections.js';
import { clientLeft } from './client-left.js';
import { closeCodes, closeReason } from './close-codes.js';
import type { Deadlines } from './deadlines.js';
import type { Peer } from './keep-alive.js';
import { frameText } from './text-frame.js';

/** What may wait in a socket before its streams are held up. */
const maxUnsentBytes = 16 * 1024;
const nobody: readonly ((caller: Caller) => void)[] = [];

/** One open socket: who is at the other end, what runs on it, and how it ends. */
export class SocketSession implements LiveConnection, Peer {
  /** Lower-case names of the upgrade's headers, and of what `connection_init` brought: of those that are still needed. */
  headers: Readonly<Record<string, unknown>>;
  readonly #socket: WebSocket;
  readonly #stream: Duplex;
  readonly #deadlines: Deadlines<SocketSession>;
  readonly #over = new AbortController();
  #gone: AbortController | undefined;
  #observer: ConnectionObserver | undefined;
  #caller: Caller | undefined;
  /** Until the client has said who it is, and then until its token expires. */
  #deadline: number | undefined;
  #renewals: readonly ((caller: Caller) => void)[] = nobody;
  #answersUnderWay = 0;
  #leaving: { readonly code: number; readonly reason: string } | undefined;
  #isAlive = true;
  #isClosed = false;

  /**
   * @param stream the bytes below the socket; nothing is compressed, so a frame may be written between two of `ws`
   * @param deadlines where sessions wait until their {@link timeUp}
   */
  constructor(
    socket: WebSocket,
    stream: Duplex,
    headers: Readonly<Record<string, unknown>>,
    /** Where the socket comes from, as limits count it. */
    readonly clientAddress: string,
    readonly clientPlace: ClientPlace | undefined,
    deadlines: Deadlines<SocketSession>,
  ) {
    this.#socket = socket;
    this.#stream = stream;
    this.#deadlines = deadlines;
    this.headers = headers;
  }

  get caller(): Caller | undefined {
    return this.#caller;
  }

  /** Aborted when the socket is closed; to be asked for within `answer`. */
  get gone(): AbortSignal {
    this.#gone ??= new AbortController();
    if (this.#isClosed) this.#gone.abort(clientLeft());
    return this.#gone.signal;
  }

  /**
   * Aborted when the socket is closed, and before that when the caller's token has expired and answers are still under way:
   * nothing else goes on, or begins.
   */
  get over(): AbortSignal {
    return this.#over.signal;
  }

  observe(observer: ConnectionObserver): void {
    if (this.#isClosed) observer.closed(this);
    else this.#observer = observer;
  }

  /** Gives the client its time to say who it is. */
  awaitIntroduction(timeoutMs: number): void {
    this.#deadline = this.#deadlines.set(this, Date.now() + timeoutMs);
  }

  /** The client says who it is; that takes as long as it takes to find out. */
  introduce(): void {
    this.#clearDeadline();
  }

  admit(caller: Caller): void {
    this.#caller = caller;
    this.#clearDeadline();
    const { expiresAtMs } = caller;
    if (expiresAtMs !== undefined && !this.#isClosed) this.#deadline = this.#deadlines.set(this, expiresAtMs);
  }

  /** The same caller goes on with another token. */
  renew(caller: Caller): void {
    const before = this.#caller;
    this.admit(caller);
    if (before !== undefined && hasSameRights(before, caller)) return;
    for (const listener of this.#renewals) listener(caller);
  }

  /** Is told of a caller with other rights. @returns what forgets about it */
  onRenewed(listener: (caller: Caller) => void): () => void {
    this.#renewals = this.#renewals.concat(listener);
    return () => void (this.#renewals = this.#renewals.filter((other) => other !== listener));
  }

  /** Runs the work for one answer; a socket that is to go away stays for it. */
  async answer<Result>(work: () => Promise<Result>): Promise<Result> {
    this.#answersUnderWay += 1;
    try {
      return await work();
    } finally {
      this.#answersUnderWay -= 1;
      if (this.#answersUnderWay === 0) this.#gone = undefined;
      // One turn later, so that the answer is on its way before the closing is.
      const leaving = this.#leaving;
      if (leaving !== undefined && this.#answersUnderWay === 0) setImmediate(() => this.#leaveWith(leaving));
    }
  }

  /** Closes the socket as soon as no answer is under way on it. Subscriptions are not waited for: they never end. */
  leave(): void {
    this.#leaveWith({ code: closeCodes.goingAway, reason: 'Going away' });
  }

  endSession(mayReturn: boolean): void {
    const { code, message } = sessionEnded(mayReturn);
    this.close(mayReturn ? closeCodes.forbidden : closeCodes.sessionEnded, `${code}: ${message}`);
  }

  /** It has not said in time who it is, or is not that any longer. */
  timeUp(): void {
    this.#deadline = undefined;
    if (this.#caller !== undefined) return this.#expire();
    this.close(CloseCode.ConnectionInitialisationTimeout, 'Connection initialisation timeout');
  }

  /** Clients come back by themselves from a closing, with a fresh token; subscriptions that failed they would leave. */
  #expire(): void {
    const reason = unauthenticated('TOKEN_EXPIRED', 'The access token has expired');
    this.#leaveWith({ code: closeCodes.forbidden, reason: `${reason.code}: ${reason.message}` });
    if (this.#answersUnderWay > 0) this.#over.abort(reason);
  }

  /** Asks whether the peer is there, and cuts it off where it has not answered since it was asked before. */
  beat(): void {
    if (!this.#isAlive) return this.cut();
    this.#isAlive = false;
    this.#socket.ping();
  }

  /** The peer has answered. */
  noteAlive(): void {
    this.#isAlive = true;
  }

  /** The socket is closed. */
  finish(): void {
    this.#isClosed = true;
    this.#clearDeadline();
    const reason = clientLeft();
    this.#gone?.abort(reason);
    this.#over.abort(reason);
    this.#observer?.closed(this);
  }

  #clearDeadline(): void {
    if (this.#deadline !== undefined) this.#deadlines.clear(this, this.#deadline);
    this.#deadline = undefined;
  }

  #leaveWith(closing: { readonly code: number; readonly reason: string }): void {
    this.#leaving = closing;
    if (this.#answersUnderWay === 0) this.close(closing.code, closing.reason);
  }

  /** Sends a message; resolves when there is room for more: a slow client slows its own streams, not the process. */
  async send(text: string): Promise<void> {
    const socket = this.#socket;
    if (socket.readyState !== socket.OPEN) return;
    if (socket.bufferedAmount < maxUnsentBytes) return socket.send(text);
    await new Promise<void>((resolve) => socket.send(text, () => resolve()));
  }

  /** As `send`, for what many clients are sent: written at once, around the bytes that they share. */
  sendShared(before: string, shared: Buffer, after: string): Promise<void> | undefined {
    if (this.#socket.readyState !== this.#socket.OPEN) return undefined;
    const hasRoom = this.#stream.writableLength < maxUnsentBytes;
    const written = this.#write(frameText(before, shared, after), hasRoom);
    return hasRoom ? undefined : written;
  }

  /** Resolves when all is out, or the socket is gone; with nobody to wait for that, it is not watched. */
  #write(parts: readonly Buffer[], isUnwatched: boolean): Promise<void> | undefined {
    const [only] = parts;
    if (isUnwatched && parts.length === 1 && only !== undefined) {
      this.#stream.write(only);
      return undefined;
    }
    return new Promise((resolve) => {
      this.#stream.cork();
      parts.forEach((part, index) =>
        this.#stream.write(part, index === parts.length - 1 ? () => resolve() : undefined),
      );
      this.#stream.uncork();
    });
  }

  /** The client reads too slowly: what waits for it goes, and so does the socket. */
  fellBehind(): void {
    this.close(closeCodes.fellBehind, 'Too slow: events came faster than they were read');
  }

  cut(): void {
    this.#socket.terminate();
  }

  close(code: number, reason: string): void {
    this.#socket.close(code, closeReason(reason));
  }
}

/** Whether subgraphs cannot tell them apart. */
function hasSameRights(before: Caller, { encodedPrincipal, forwardedHeaders }: Caller): boolean {
  return before.encodedPrincipal === encodedPrincipal && isDeepStrictEqual(before.forwardedHeaders, forwardedHeaders);
}
