import { EventEmitter, once } from 'node:events';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';

/** Results of one subscription, in their order. */
export interface LiveStream<Data> {
  readonly received: readonly Data[];
  /** Resolves with the first result, received or yet to come, that fulfils the predicate. */
  first(predicate: (data: Data) => boolean, timeoutMs?: number): Promise<Data>;
}

/** A dashboard's WebSocket, by the `graphql-ws` client. */
export interface LiveSocket {
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- the shape is the assertion's business
  subscribe<Data = any>(query: string, variables?: Record<string, unknown>): LiveStream<Data>;
  /** Resolves when the server has closed it. */
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  close(): Promise<void>;
}

/** Opens a socket to the gateway; resolves when it has been acknowledged. */
export async function openLiveSocket(origin: string, token: string): Promise<LiveSocket> {
  let acknowledge: () => void = () => undefined;
  const acknowledged = new Promise<void>((resolve) => {
    acknowledge = resolve;
  });
  let announceClosed: (event: { readonly code: number; readonly reason: string }) => void = () => undefined;
  const closed = new Promise<{ readonly code: number; readonly reason: string }>((resolve) => {
    announceClosed = resolve;
  });
  const client = createClient({
    url: `${origin.replace(/^http/, 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    lazy: false,
    retryAttempts: 0,
    connectionParams: { authorization: `Bearer ${token}` },
    onNonLazyError: () => undefined,
    on: {
      connected: () => acknowledge(),
      closed: (event) => {
        const { code, reason } = event as CloseEvent;
        announceClosed({ code, reason });
      },
    },
  });
  const refused = closed.then(({ code, reason }) => {
    throw new Error(`The socket was closed with ${code} ${reason}`);
  });
  refused.catch(() => undefined);
  await Promise.race([acknowledged, refused]);

  return {
    subscribe: <Data>(query: string, variables: Record<string, unknown> = {}) =>
      collect<Data>(client.iterate<Data>({ query, variables })),
    closed,
    close: async () => client.dispose(),
  };
}

function collect<Data>(
  results: AsyncIterableIterator<{ readonly data?: Data | null | undefined; readonly errors?: unknown }>,
): LiveStream<Data> {
  const received: Data[] = [];
  const changes = new EventEmitter().setMaxListeners(0);
  let failure: unknown;
  const read = async (): Promise<void> => {
    for await (const { data, errors } of results) {
      if (errors !== undefined) throw new Error(`A result has errors: ${JSON.stringify(errors)}`);
      if (data != null) received.push(data);
      changes.emit('change');
    }
  };
  read().catch((error: unknown) => {
    failure = error;
    changes.emit('change');
  });
  return {
    received,
    async first(predicate, timeoutMs = 15_000) {
      const signal = AbortSignal.timeout(timeoutMs);
      for (;;) {
        const found = received.find(predicate);
        if (found !== undefined) return found;
        if (failure !== undefined) throw new Error('The stream ended with an error', { cause: failure });
        await once(changes, 'change', { signal }).catch((error: unknown) => {
          throw new Error(`No such result among ${JSON.stringify(received)}`, { cause: error });
        });
      }
    },
  };
}
