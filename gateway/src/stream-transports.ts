import type { GatewayConfig } from './config.js';
import { createStreamSigner } from './subscriptions/upstreams/sign-stream.js';
import type { StreamTransport } from './subscriptions/upstreams/stream-transport.js';
import { SubgraphSockets } from './subscriptions/upstreams/subgraph-sockets.js';

const pingIntervalMs = 15_000;
const maxEventBytes = 16 * 1024 * 1024;

/** Creates what carries the streams of subgraphs; it outlives supergraphs. */
export function createStreamTransport(config: GatewayConfig): StreamTransport {
  const signer = createStreamSigner({ signingSecret: config.PRINCIPAL_SECRET });
  const connectTimeoutMs = config.SUBGRAPH_TIMEOUT_MS;
  return new SubgraphSockets({ signer, connectTimeoutMs, maxEventBytes, pingIntervalMs });
}
