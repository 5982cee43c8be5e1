import { createClient } from 'graphql-ws';
import WebSocket from 'ws';

/** A dashboard that watches alerts, comes back by itself whatever happens, and goes on behind the last event that it had. */
export interface AlertWatcher {
  /** Ids of the events that it got, in order. */
  readonly ids: readonly number[];
  /** Where it began. */
  readonly beginning: Promise<number>;
  /** How often it lost its socket. */
  losses(): number;
  close(): Promise<void>;
}

/**
 * @param nextOrigin where it connects to: asked for each attempt
 * @param token of somebody who may see alerts
 */
export function watchAlerts(nextOrigin: () => string, token: string): AlertWatcher {
  const ids: number[] = [];
  const { promise: beginning, resolve: begin } = Promise.withResolvers<number>();
  let lastEventId: string | null = null;
  let losses = 0;
  let isClosed = false;
  const client = createClient({
    url: () => `${nextOrigin().replace(/^http/, 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${token}` },
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
        query: 'subscription { alerts { id status } }',
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
