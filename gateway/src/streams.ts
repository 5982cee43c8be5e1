import type { Lifecycle } from '@tessera/service/lifecycle';
import type { Logger } from '@tessera/service/logging';
import type { GatewayConfig, SubgraphUrls } from './config.js';
import type { GatewayAdapters } from './gateway-adapters.js';
import { createStreamInstances } from './registry/stream-instances.js';
import { createStreamTransport } from './stream-transports.js';
import { StreamHub } from './subscriptions/stream-hub.js';
import type { OperationMetrics } from './telemetry/operation-metrics.js';

/** The streams of subgraphs, whichever supergraph names them. */
export interface Streams {
  readonly hub: StreamHub;
  /** Says where subgraphs are from now on; what is open stays where it is. */
  locate(urls: SubgraphUrls): void;
}

interface StreamGround {
  readonly adapters: Pick<GatewayAdapters, 'liveEvents'>;
  readonly config: GatewayConfig;
  readonly logger: Logger;
  readonly lifecycle: Pick<Lifecycle, 'defer'>;
  readonly metrics: OperationMetrics;
}

/** Reads how streams are opened out of the configuration. */
export function createStreams({ config, logger, lifecycle, metrics, adapters }: StreamGround): Streams {
  const transport = createStreamTransport(config);
  lifecycle.defer('streams of subgraphs', () => transport.close());
  const hub = new StreamHub({
    logger,
    liveEvents: adapters.liveEvents,
    transport,
    resumeTimeoutMs: config.SUBSCRIPTION_RESUME_MS,
    observer: metrics.streams,
  });
  return { hub, locate: (urls) => hub.useInstances(createStreamInstances(urls)) };
}
