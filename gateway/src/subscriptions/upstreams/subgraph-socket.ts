import { randomUUID } from 'node:crypto';
import type { FormattedExecutionResult, GraphQLFormattedError } from 'graphql';
import { GRAPHQL_TRANSPORT_WS_PROTOCOL } from 'graphql-ws';
import { WebSocket } from 'ws';
import { isTreeObject } from '../../execution/result-tree.js';
import type { StreamListener, StreamLoss, StreamPayload } from './stream-transport.js';

/** Limits of one connection. */
export interface SubgraphSocketOptions {
  /** From opening the socket to the subgraph's acknowledgement. */
  readonly connectTimeoutMs: number;
  readonly maxEventBytes: number;
  /** How often the subgraph is pinged; one that has not answered by the next time is taken for dead. */
  readonly pingIntervalMs: number;
}

/** Is told what becomes of a connection. */
export interface SubgraphSocketEvents {
  /** Payload of `connection_init`, asked for when it is sent. */
  initialise(): Readonly<Record<string, unknown>>;
  /** Streams may be opened from now on. */
  acknowledged(payload: Readonly<Record<string, unknown>>): void;
  /** It is over; its streams were told before. */
  gone(loss: StreamLoss): void;
}

const badRequest = 4400;
/** A subgraph closes the connection after a message that is too large for it, and all streams would suffer for one. */
const maxMessageLength = 1024 * 1024;

/** One connection to a subgraph by graphql-transport-ws, on which any number of streams are open. */
export class SubgraphSocket {
  readonly #socket: WebSocket;
  readonly #events: SubgraphSocketEvents;
  readonly #streams = new Map<string, StreamListener>();
  readonly #options: SubgraphSocketOptions;
  #timer: NodeJS.Timeout;
  /** Ids are told apart in a subgraph's logs, whichever connection they were of. */
  readonly #name = randomUUID();
  #lastId = 0;
  #isAcknowledged = false;
  #isOver = false;
  #error: Error | undefined;

  /** @param url `ws:` or `wss:` */
  constructor(url: string, events: SubgraphSocketEvents, options: SubgraphSocketOptions) {
    const { connectTimeoutMs, maxEventBytes } = options;
    this.#events = events;
    this.#options = options;
    this.#socket = new WebSocket(url, GRAPHQL_TRANSPORT_WS_PROTOCOL, {
      handshakeTimeout: connectTimeoutMs,
      maxPayload: maxEventBytes,
      perMessageDeflate: false,
    });
    this.#timer = setTimeout(() => this.#fail(new Error('The subgraph did not acknowledge')), connectTimeoutMs);
    this.#socket.on('open', () => this.#send({ type: 'connection_init', payload: events.initialise() }));
    this.#socket.on('message', (data) => this.#read(String(data)));
    this.#socket.on('error', (error) => (this.#error ??= error));
    this.#socket.on('close', (code, reason) => this.#end(code, String(reason)));
  }

  /** @returns what ends the stream, here and at the subgraph */
  subscribe(payload: StreamPayload, listener: StreamListener): () => void {
    const id = `${this.#name}/${(this.#lastId += 1)}`;
    const text = JSON.stringify({ id, type: 'subscribe', payload });
    if (text.length > maxMessageLength) {
      const extensions = { code: 'OPERATION_TOO_LARGE' };
      const refuse = (): void =>
        listener.refused([{ message: 'The subscription is too large for its subgraph', extensions }]);
      // Not before whoever opens it has got it.
      queueMicrotask(refuse);
      return () => undefined;
    }
    this.#streams.set(id, listener);
    this.#socket.send(text);
    return () => {
      if (this.#streams.delete(id)) this.#send({ id, type: 'complete' });
    };
  }

  close(): void {
    this.#socket.close(1000, 'No stream is open');
  }

  #read(text: string): void {
    const message = parse(text);
    const { type, id, payload } = message ?? {};
    const listener = typeof id === 'string' ? this.#streams.get(id) : undefined;
    if (type === 'next') {
      if (isTreeObject(payload)) listener?.event(payload as FormattedExecutionResult);
    } else if (type === 'error' || type === 'complete') {
      if (typeof id === 'string') this.#streams.delete(id);
      if (type === 'complete') listener?.completed();
      else listener?.refused(Array.isArray(payload) ? (payload as readonly GraphQLFormattedError[]) : []);
    } else if (type === 'connection_ack') this.#acknowledge(isTreeObject(payload) ? payload : {});
    else if (type === 'ping') this.#send({ type: 'pong', ...(payload !== undefined && { payload }) });
    else if (type !== 'pong') this.#socket.close(badRequest, 'Unexpected message');
  }

  #acknowledge(payload: Readonly<Record<string, unknown>>): void {
    if (this.#isAcknowledged) return;
    this.#isAcknowledged = true;
    clearTimeout(this.#timer);
    this.#keepAlive();
    this.#events.acknowledged(payload);
  }

  #keepAlive(): void {
    let isAnswered = true;
    this.#socket.on('message', () => (isAnswered = true));
    this.#timer = setInterval(() => {
      if (!isAnswered) return this.#fail(new Error('The subgraph does not answer pings'));
      isAnswered = false;
      this.#send({ type: 'ping' });
    }, this.#options.pingIntervalMs);
    this.#timer.unref();
  }

  #send(message: object): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  #fail(error: Error): void {
    this.#error ??= error;
    this.#socket.terminate();
  }

  #end(code: number, reason: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#timer);
    const loss: StreamLoss = {
      cause: this.#error ?? new Error(`closed with ${code} ${reason}`),
      // What the protocol itself says no with is about what was said, not about the instance.
      isInstanceFault: code < 4400 || code >= 4500,
      closeCode: code,
    };
    const listeners = [...this.#streams.values()];
    this.#streams.clear();
    this.#events.gone(loss);
    for (const listener of listeners) listener.lost(loss);
  }
}

interface Message {
  readonly type?: unknown;
  readonly id?: unknown;
  readonly payload?: unknown;
}

function parse(text: string): Message | undefined {
  try {
    const message: unknown = JSON.parse(text);
    return isTreeObject(message) ? message : undefined;
  } catch {
    return undefined;
  }
}
