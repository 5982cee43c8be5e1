import type { SubgraphClient } from '../execution/subgraph-client.js';

/** Counts requests to subgraphs for the operation that they belong to. */
export function countSubgraphRequests(client: SubgraphClient): SubgraphClient {
  return {
    send(request, context) {
      if (context.subgraphRequests !== undefined) context.subgraphRequests.count += 1;
      return client.send(request, context);
    },
    close: () => client.close(),
  };
}
