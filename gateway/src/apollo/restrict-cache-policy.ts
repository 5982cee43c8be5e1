import type { GatewayCachePolicy } from '@apollo/server-gateway-interface';
import { readCacheHeaders } from '../caching/policy/cache-headers.js';
import type { SubgraphExchange } from '../execution/subgraph-answer.js';
import type { SubgraphClient } from '../execution/subgraph-client.js';
import { isApolloContext } from './apollo-context.js';

/**
 * Lets each answer of a subgraph say how long the whole one may be kept, as `RemoteGraphQLDataSource` does: Apollo Server's
 * `Cache-Control` and its response cache go by that. Where a subgraph does not say, it may not be kept at all.
 */
export function restrictCachePolicy(client: SubgraphClient): SubgraphClient {
  return {
    async send(request, context) {
      const answer = await client.send(request, context);
      if (isApolloContext(context)) {
        const policy = context.apollo.overallCachePolicy as GatewayCachePolicy | undefined;
        policy?.restrict(hintOf(answer.exchange));
      }
      return answer;
    },
    close: () => client.close(),
  };
}

function hintOf(exchange: SubgraphExchange | undefined): Parameters<GatewayCachePolicy['restrict']>[0] {
  const { maxAgeSeconds = 0, scope } = exchange === undefined ? {} : readCacheHeaders(exchange.headers);
  return { maxAge: maxAgeSeconds, ...(scope !== undefined && { scope: scope.toUpperCase() }) };
}
