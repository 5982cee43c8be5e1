import { perMessagePrincipals, principalsParameter, signedSubscription } from '@tessera/service/identity';
import { KeyedLists } from '../keyed-lists.js';
import { principalScope, type Scope } from '../sharing-key.js';
import type { StreamSigner } from './sign-stream.js';
import type { OpenStream, StreamAttempt, StreamListener, StreamLoss, StreamTransport } from './stream-transport.js';
import { SubgraphSocket, type SubgraphSocketOptions } from './subgraph-socket.js';

/** How connections to subgraphs are kept and shared. */
export interface SubgraphSocketsOptions extends SubgraphSocketOptions {
  readonly signer: StreamSigner;
  /** Streams of one connection to a subgraph that does not verify each: many servers end one that has too many. */
  readonly maxStreamsPerConnection: number;
  /** How long a connection without a stream is kept for the next one. Default 2,000. */
  readonly lingerMs?: number;
}

/** A stream that wants a connection, or has one. */
interface Placed {
  readonly attempt: StreamAttempt;
  readonly listener: StreamListener;
  readonly scope: Scope;
  /** Ends it where it is. */
  leave: () => void;
}

interface Connection {
  readonly socket: SubgraphSocket;
  readonly url: string;
  /** Whose principal the connection began with. */
  readonly scope: Scope;
  /** Those that wait for it to be acknowledged. */
  readonly waiting: Set<Placed>;
  key: string;
  isReady: boolean;
  /** Whether the subgraph looks at who each stream is for. */
  isShared: boolean;
  streams: number;
  idleTimer: NodeJS.Timeout | undefined;
}

const defaultLingerMs = 2_000;

/**
 * Streams over graphql-transport-ws. A subgraph that verifies each stream's own principal (it says so when it acknowledges) has
 * one connection for all; any other one for each caller whom it can tell apart, because all it knows is who opened the connection,
 * and another one for each hundred or so of a caller's streams.
 */
export class SubgraphSockets implements StreamTransport {
  readonly #options: SubgraphSocketsOptions;
  readonly #connections = new KeyedLists<Connection>();
  /** Instances that want a connection for each caller. */
  readonly #apart = new Set<string>();

  constructor(options: SubgraphSocketsOptions) {
    this.#options = options;
  }

  open(attempt: StreamAttempt, listener: StreamListener): OpenStream {
    const placed: Placed = { attempt, listener, scope: principalScope(attempt.context), leave: () => undefined };
    this.#place(placed);
    return { close: () => placed.leave() };
  }

  close(): void {
    for (const { socket } of this.#connections) socket.close();
  }

  #place(placed: Placed): void {
    const { url } = placed.attempt;
    const key = this.#apart.has(url) ? keyOf(url, placed.scope) : url;
    const hasRoom = (connection: Connection): boolean => this.#hasRoom(connection);
    const connection = this.#connections.of(key).findLast(hasRoom) ?? this.#connect(key, placed);
    if (connection.isReady) return this.#start(connection, placed);
    connection.waiting.add(placed);
    placed.leave = () => {
      connection.waiting.delete(placed);
      if (connection.waiting.size === 0) this.#linger(connection);
    };
  }

  #hasRoom({ url, isReady, isShared, streams, waiting }: Connection): boolean {
    // What the subgraph can do is not known yet: who waits may find out that another connection is needed.
    if (isShared || (!isReady && !this.#apart.has(url))) return true;
    return streams + waiting.size < this.#options.maxStreamsPerConnection;
  }

  #connect(key: string, { attempt, scope }: Placed): Connection {
    const { signer } = this.#options;
    const { url, subgraph, context } = attempt;
    const socket = new SubgraphSocket(
      url.replace(/^http/, 'ws'),
      {
        initialise: () => ({
          ...signer.headers(context),
          ...signer.sign?.({ subgraph, method: 'GET', url, body: '' }, context),
          ...(signer.sign !== undefined && { [principalsParameter]: perMessagePrincipals }),
        }),
        acknowledged: (payload) => this.#begin(connection, payload),
        gone: (loss) => this.#forget(connection, loss),
      },
      this.#options,
    );
    const connection: Connection = {
      socket,
      url,
      scope,
      waiting: new Set(),
      key,
      isReady: false,
      isShared: false,
      streams: 0,
      idleTimer: undefined,
    };
    this.#connections.add(connection);
    return connection;
  }

  #begin(connection: Connection, payload: Readonly<Record<string, unknown>>): void {
    const { url, scope, waiting } = connection;
    connection.isReady = true;
    connection.isShared =
      this.#options.signer.sign !== undefined && payload[principalsParameter] === perMessagePrincipals;
    if (!connection.isShared && connection.key === url) {
      this.#apart.add(url);
      this.#connections.delete(connection);
      connection.key = keyOf(url, scope);
      this.#connections.add(connection);
    }
    const placed = [...waiting];
    waiting.clear();
    for (const each of placed) {
      const isSame = connection.isShared || each.scope === scope;
      if (isSame && this.#hasRoom(connection)) this.#start(connection, each);
      else this.#place(each);
    }
    if (connection.streams === 0) this.#linger(connection);
  }

  #start(connection: Connection, placed: Placed): void {
    const { attempt, listener } = placed;
    clearTimeout(connection.idleTimer);
    connection.streams += 1;
    let isOver = false;
    const over = (): void => {
      if (isOver) return;
      isOver = true;
      connection.streams -= 1;
      if (connection.streams === 0) this.#linger(connection);
    };
    listener.accepted();
    const end = connection.socket.subscribe(this.#payloadOf(connection, attempt), {
      accepted: () => undefined,
      event: (event) => listener.event(event),
      refused(errors) {
        over();
        listener.refused(errors);
      },
      completed() {
        over();
        listener.completed();
      },
      lost(loss) {
        isOver = true;
        listener.lost(loss);
      },
    });
    placed.leave = () => {
      if (isOver) return;
      end();
      over();
    };
  }

  /** On a connection of all callers each stream proves whose it is. */
  #payloadOf({ isShared }: Connection, { payload, subgraph, url, context }: StreamAttempt) {
    const { signer } = this.#options;
    if (!isShared) return { ...payload };
    const { query, operationName, variables, extensions } = payload;
    const signature = signer.sign?.({ subgraph, method: 'SUBSCRIBE', url, body: signedSubscription(payload) }, context);
    const tessera = { ...signer.headers(context), ...signature };
    return { query, operationName, variables, extensions: { ...extensions, tessera } };
  }

  #linger(connection: Connection): void {
    clearTimeout(connection.idleTimer);
    const { lingerMs = defaultLingerMs } = this.#options;
    connection.idleTimer = setTimeout(() => {
      if (connection.streams > 0 || connection.waiting.size > 0) return;
      this.#remove(connection);
      connection.socket.close();
    }, lingerMs);
    connection.idleTimer.unref();
  }

  #forget(connection: Connection, loss: StreamLoss): void {
    clearTimeout(connection.idleTimer);
    this.#remove(connection);
    for (const { listener } of connection.waiting) listener.lost(loss);
    connection.waiting.clear();
  }

  #remove(connection: Connection): void {
    this.#connections.delete(connection);
    const { url } = connection;
    // What comes back may be another version, that can do more.
    if (![...this.#connections].some((other) => other.url === url)) this.#apart.delete(url);
  }
}

function keyOf(url: string, scope: Scope): string {
  return JSON.stringify([url, scope]);
}
