import type { Lifecycle } from '@tessera/service/lifecycle';
import type { Logger } from '@tessera/service/logging';
import type { GatewayConfig, SubgraphUrls } from './config.js';
import type { GatewayAdapters } from './gateway-adapters.js';
import { createStreamInstances } from './registry/stream-instances.js';
import { createStreamTransports } from './stream-transports.js';
import { StreamHub } from './subscriptions/stream-hub.js';
import type { OperationMetrics } from './telemetry/operation-metrics.js';
import type { StreamCallbacks } from './transport/http/stream-callbacks.js';

/** The streams of subgraphs, whichever supergraph names them. */
export interface Streams {
  readonly hub: StreamHub;
  /** Where subgraphs send events to by themselves; undefined where none does. */
  readonly callbacks: StreamCallbacks | undefined;
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

/**
 * Reads how streams are opened out of the configuration.
 *
 * @throws ConfigError as {@link createStreamTransports}
 */
export function createStreams({ config, logger, lifecycle, metrics, adapters }: StreamGround): Streams {
  const { transport, callbacks } = createStreamTransports(config);
  lifecycle.defer('streams of subgraphs', () => transport.close());
  const hub = new StreamHub({
    logger,
    liveEvents: adapters.liveEvents,
    transport,
    resumeTimeoutMs: config.SUBSCRIPTION_RESUME_MS,
    maxBufferedEvents: config.MAX_BUFFERED_EVENTS,
    observer: metrics.streams,
  });
  return { hub, callbacks, locate: (urls) => hub.useInstances(createStreamInstances(urls)) };
}
