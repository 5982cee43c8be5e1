import type { GatewayApolloConfig } from '@apollo/server-gateway-interface';
import type { Logger } from '@tessera/service/logging';
import { findUplinkEndpoints } from './config.js';
import type { SupergraphHook, TesseraGatewayOptions } from './gateway-options.js';
import { createPolledSupergraph } from './polled-supergraph.js';
import { createUplink } from './uplink.js';

/** How often Uplink is asked until it says otherwise. */
const uplinkIntervalMs = 10_000;

/**
 * Where a gateway's supergraphs come from, by its options.
 *
 * @param apollo what Apollo Server knows of the graph: `APOLLO_KEY` and `APOLLO_GRAPH_REF`
 * @throws Error where neither the options nor Apollo's registry have one
 */
export function findOrigin(
  options: TesseraGatewayOptions,
  apollo: GatewayApolloConfig | undefined,
  logger: Logger,
): SupergraphHook {
  const { supergraphSdl, experimental_updateSupergraphSdl: updateSupergraphSdl } = options;
  const checksHealth = options.serviceHealthCheck === true;
  const intervalMs = options.fallbackPollIntervalInMs ?? options.pollIntervalInMs ?? 0;
  if (typeof supergraphSdl === 'string') return () => Promise.resolve({ supergraphSdl });
  if (typeof supergraphSdl === 'function') return supergraphSdl;
  if (supergraphSdl !== undefined) return (hook) => supergraphSdl.initialize(hook);
  if (updateSupergraphSdl !== undefined) {
    const read = async (known: string | undefined) => {
      const found = await updateSupergraphSdl(options);
      return found.id === known ? undefined : found;
    };
    const polled = createPolledSupergraph({ read, intervalMs, leastIntervalMs: intervalMs, checksHealth, logger });
    return (hook) => polled.initialize(hook);
  }
  if (apollo?.key === undefined || apollo.graphRef === undefined) {
    throw new Error(
      'TesseraGateway needs the option supergraphSdl, or APOLLO_KEY and APOLLO_GRAPH_REF for managed federation',
    );
  }
  const managed = createPolledSupergraph({
    read: createUplink({
      endpoints: findUplinkEndpoints(options),
      graphRef: apollo.graphRef,
      apiKey: apollo.key,
      maxRetries: options.uplinkMaxRetries,
      fetcher: options.fetcher,
    }),
    intervalMs: Math.max(intervalMs, uplinkIntervalMs),
    leastIntervalMs: intervalMs,
    checksHealth,
    logger,
  });
  return (hook) => managed.initialize(hook);
}
