import type { SubgraphUrls } from './config.js';
import type { SubgraphClient } from './execution/subgraph-client.js';

/** Lends clients of subgraphs: supergraphs that ask the same places share one, with its connections. */
export interface SharedClients {
  /** Every client that was taken is given back by `close`, which closes it with its last user. */
  take(urls: SubgraphUrls): SubgraphClient;
}

interface Shared {
  readonly client: SubgraphClient;
  users: number;
}

/** Creates the lender. */
export function createSharedClients(open: (urls: SubgraphUrls) => SubgraphClient): SharedClients {
  const clients = new Map<string, Shared>();
  return {
    take(urls) {
      const key = JSON.stringify([...urls].sort());
      const shared = clients.get(key) ?? { client: open(urls), users: 0 };
      shared.users += 1;
      clients.set(key, shared);
      return {
        send: (request, context) => shared.client.send(request, context),
        async close() {
          shared.users -= 1;
          if (shared.users > 0) return;
          clients.delete(key);
          await shared.client.close();
        },
      };
    },
  };
}
