import type { Health } from '@tessera/service/health';
import type { Metrics } from '@tessera/service/metrics';
import type { GatewayConfig, SubgraphUrls } from './config.js';
import type { SubgraphClient } from './execution/subgraph-client.js';
import { OpenCircuits } from './registry/open-circuits.js';
import { createResilientClient } from './registry/resilient-client.js';
import { registerSubgraphChecks } from './registry/subgraph-health.js';
import type { SubgraphObserver } from './registry/subgraph-observer.js';
import { createSubgraphMetrics } from './telemetry/subgraph-metrics.js';

/** How the gateway reaches subgraphs, whichever supergraph names them. */
export interface SubgraphAccess {
  /** Makes the client of one supergraph's subgraphs. @throws ConfigError for URLs and timeouts that do not fit them */
  open(urls: SubgraphUrls): SubgraphClient;
  /** Adds a readiness check per subgraph. */
  registerChecks(health: Health, urls: SubgraphUrls): void;
}

/** Reads how subgraphs are called out of the configuration. */
export function createSubgraphAccess(config: GatewayConfig, metrics: Metrics): SubgraphAccess {
  const circuits = new OpenCircuits();
  const counted = createSubgraphMetrics(metrics);
  const observer: SubgraphObserver = {
    ...counted,
    circuit(subgraph, state, openUntilMs) {
      circuits.note(subgraph, state, openUntilMs);
      counted.circuit?.(subgraph, state, openUntilMs);
    },
  };
  return {
    open: (urls) =>
      createResilientClient({
        urls,
        // A subgraph has no more time than the whole request: whoever takes all of it counts as too slow.
        timeoutMs: Math.min(config.SUBGRAPH_TIMEOUT_MS, config.REQUEST_TIMEOUT_MS),
        timeoutsMs: config.SUBGRAPH_TIMEOUTS_MS,
        maxResponseBytes: config.MAX_SUBGRAPH_RESPONSE_BYTES,
        acceptEncoding: config.SUBGRAPH_ACCEPT_ENCODING,
        signingSecret: config.PRINCIPAL_SECRET?.[0],
        deduplicatesInFlight: config.DEDUPLICATE_IN_FLIGHT,
        describesExchanges: config.ANSWER_CACHE !== 'off' || config.ENTITY_CACHE !== 'off',
        observer,
      }),
    registerChecks: (health, urls) => registerSubgraphChecks(health, urls, circuits),
  };
}
