import { createClient as createEventClient } from 'graphql-sse';
import { createClient as createSocketClient } from 'graphql-ws';
import WebSocket from 'ws';

/** By what a dashboard watches. */
export type WatchTransport = 'websocket' | 'event stream';

/** A dashboard that comes back by itself whatever happens, and goes on behind the last event that it had. */
export interface StreamWatcher {
  /** Ids of the events that it got, in order. */
  readonly ids: readonly number[];
  /** Where it began. */
  readonly beginning: Promise<number>;
  /** How often it lost its connection. */
  losses(): number;
  close(): Promise<void>;
}

export interface WatchOptions {
  /** A subscription whose events have numbers for ids. */
  readonly query: string;
  /** Where it connects to: asked for each attempt. */
  readonly nextOrigin: () => string;
  /** Of somebody who may subscribe; absent where everybody may. */
  readonly token?: string;
  /** Default: `websocket`. */
  readonly transport?: WatchTransport;
}

export function watchStream(options: WatchOptions): StreamWatcher {
  const { query } = options;
  const ids: number[] = [];
  const { promise: beginning, resolve: begin } = Promise.withResolvers<number>();
  let lastEventId: string | null = null;
  let losses = 0;
  let isClosed = false;
  const client = openClient(options, () => void (losses += 1));
  const read = (eventId: unknown, hasData: boolean): void => {
    if (typeof eventId !== 'string') throw new Error('An event came without an id');
    lastEventId = eventId;
    if (hasData) ids.push(Number(eventId));
    else begin(Number(eventId));
  };
  const subscribe = (): void => {
    const again = (): void => {
      if (!isClosed) setTimeout(subscribe, 500);
    };
    client.subscribe(
      {
        query,
        // Read anew for each attempt.
        get extensions() {
          return { lastEventId };
        },
      },
      {
        next: ({ data, extensions }) => read(extensions?.['eventId'], data != null),
        error: again,
        complete: again,
      },
    );
  };
  subscribe();
  return {
    ids,
    beginning,
    losses: () => losses,
    async close() {
      isClosed = true;
      await client.dispose();
    },
  };
}

interface Sink {
  next(result: { readonly data?: unknown; readonly extensions?: Readonly<Record<string, unknown>> }): void;
  error(): void;
  complete(): void;
}

interface WatchClient {
  subscribe(request: { readonly query: string; readonly extensions: Record<string, unknown> }, sink: Sink): unknown;
  dispose(): void | Promise<void>;
}

function openClient({ nextOrigin, token, transport }: WatchOptions, onLost: () => void): WatchClient {
  const proof = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const retryAttempts = Number.POSITIVE_INFINITY;
  const wait = async (retries: number): Promise<void> => {
    await new Promise((resolve) => setTimeout(resolve, Math.min(200 * 2 ** retries, 3_000) * (0.5 + Math.random())));
  };
  if (transport === 'event stream') {
    return createEventClient({
      url: () => `${nextOrigin()}/graphql`,
      headers: proof,
      retryAttempts,
      retry: wait,
      on: { connecting: (isAgain) => (isAgain ? onLost() : undefined) },
    });
  }
  return createSocketClient({
    url: () => `${nextOrigin().replace(/^http/, 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: proof,
    retryAttempts,
    shouldRetry: () => true,
    retryWait: wait,
    on: { closed: onLost },
  });
}
