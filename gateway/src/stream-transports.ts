import { ConfigError } from '@tessera/service/config';
import type { GatewayConfig, SubgraphUrls } from './config.js';
import type { StreamProtocol } from './config-streams.js';
import { createCallbackTransport, type CallbackTransport } from './subscriptions/upstreams/callback-transport.js';
import { createEventStreamTransport } from './subscriptions/upstreams/event-stream-transport.js';
import { createStreamSigner } from './subscriptions/upstreams/sign-stream.js';
import type { StreamTransport } from './subscriptions/upstreams/stream-transport.js';
import { SubgraphSockets } from './subscriptions/upstreams/subgraph-sockets.js';
import type { StreamCallbacks } from './transport/http/stream-callbacks.js';

/** What carries the streams of subgraphs. */
export interface StreamTransports {
  /** Each subgraph's by its own protocol. */
  readonly transport: StreamTransport;
  /** Where subgraphs send their events to; undefined where none does. */
  readonly callbacks: StreamCallbacks | undefined;
}

const pingIntervalMs = 15_000;
const maxEventBytes = 16 * 1024 * 1024;

/**
 * Reads how streams are carried out of the configuration; that outlives supergraphs.
 *
 * @throws ConfigError where subgraphs are to call back and nobody has said where
 */
export function createStreamTransports(config: GatewayConfig): StreamTransports {
  const { SUBGRAPH_STREAMS: protocols, SUBGRAPH_TIMEOUT_MS: connectTimeoutMs } = config;
  const signer = createStreamSigner({ signingSecret: config.PRINCIPAL_SECRET?.[0] });
  const options = { signer, connectTimeoutMs, maxEventBytes };
  const isCalledBack = [...protocols.values()].includes('callback');
  const callback = isCalledBack ? openCallbacks(config, options) : undefined;
  const websocket = new SubgraphSockets({
    ...options,
    pingIntervalMs,
    maxStreamsPerConnection: config.MAX_STREAMS_PER_SUBGRAPH_SOCKET,
  });
  const transports: Readonly<Record<StreamProtocol, StreamTransport>> = {
    websocket,
    sse: createEventStreamTransport(options),
    callback: callback?.transport ?? websocket,
  };
  return {
    transport: {
      open: (attempt, listener) => transports[protocols.get(attempt.subgraph) ?? 'websocket'].open(attempt, listener),
      close() {
        for (const transport of Object.values(transports)) transport.close();
      },
    },
    callbacks: callback?.callbacks,
  };
}

/** @throws ConfigError where it is said how subgraphs are asked that there are not */
export function assertKnownStreams({ SUBGRAPH_STREAMS: protocols }: GatewayConfig, urls: SubgraphUrls): void {
  const unknown = [...protocols.keys()].filter((name) => !urls.has(name));
  if (unknown.length === 0) return;
  throw new ConfigError(unknown.map((name) => `SUBGRAPH_STREAMS: the supergraph has no subgraph ${name}`));
}

function openCallbacks(
  { SUBSCRIPTION_CALLBACK_URL: url, SUBSCRIPTION_HEARTBEAT_MS: heartbeatIntervalMs }: GatewayConfig,
  options: Omit<Parameters<typeof createCallbackTransport>[0], 'callbackUrl' | 'heartbeatIntervalMs'>,
): { readonly transport: CallbackTransport; readonly callbacks: StreamCallbacks } {
  if (url === undefined) {
    throw new ConfigError(['SUBSCRIPTION_CALLBACK_URL: required where SUBGRAPH_STREAMS has subgraphs that call back']);
  }
  const callbackUrl = url.replace(/\/+$/, '');
  const transport = createCallbackTransport({ ...options, callbackUrl, heartbeatIntervalMs });
  const { pathname } = new URL(callbackUrl);
  return {
    transport,
    callbacks: {
      path: pathname === '/' ? '' : pathname,
      maxBodyBytes: options.maxEventBytes,
      isOpen: (id) => transport.isOpen(id),
      receive: (id, body) => transport.receive(id, body),
    },
  };
}
