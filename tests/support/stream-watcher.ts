import { createClient } from 'graphql-ws';
import WebSocket from 'ws';

/** A dashboard that comes back by itself whatever happens, and goes on behind the last event that it had. */
export interface StreamWatcher {
  /** Ids of the events that it got, in order. */
  readonly ids: readonly number[];
  /** Where it began. */
  readonly beginning: Promise<number>;
  /** How often it lost its socket. */
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
}

export function watchStream({ query, nextOrigin, token }: WatchOptions): StreamWatcher {
  const ids: number[] = [];
  const { promise: beginning, resolve: begin } = Promise.withResolvers<number>();
  let lastEventId: string | null = null;
  let losses = 0;
  let isClosed = false;
  const client = createClient({
    url: () => `${nextOrigin().replace(/^http/, 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    ...(token !== undefined && { connectionParams: { authorization: `Bearer ${token}` } }),
    retryAttempts: Number.POSITIVE_INFINITY,
    shouldRetry: () => true,
    retryWait: async (retries) => {
      await new Promise((resolve) => setTimeout(resolve, Math.min(200 * 2 ** retries, 3_000) * (0.5 + Math.random())));
    },
    on: { closed: () => void (losses += 1) },
  });
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
    client.subscribe<unknown, { readonly eventId?: string }>(
      {
        query,
        // Read anew for each attempt.
        get extensions() {
          return { lastEventId };
        },
      },
      {
        next: ({ data, extensions }) => read(extensions?.eventId, data != null),
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
