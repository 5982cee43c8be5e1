import type { GatewayConfig } from './config.js';
import type { HttpTransportOptions } from './transport/http/http-transport.js';
import type { SecurityHeadersOptions } from './transport/http/security-headers.js';
import { createOriginCheck } from './transport/origins.js';
import type { WebSocketTransportOptions } from './transport/websocket/websocket-transport.js';

/** What the transports take from the configuration about headers, origins and sizes. */
export interface HttpSettings {
  readonly security: SecurityHeadersOptions;
  readonly http: Pick<HttpTransportOptions, 'crossOrigin' | 'maxBodyBytes' | 'maxBatchSize'>;
  readonly socket: Pick<WebSocketTransportOptions, 'isAllowedOrigin' | 'maxHeaders' | 'maxMessageBytes'>;
}

/** Reads them, so that HTTP and WebSocket go by the same list of origins. */
export function createHttpSettings(config: GatewayConfig): HttpSettings {
  const { CORS_ORIGINS: origins, MAX_HEADERS: maxHeaders, MAX_BODY_BYTES: maxBodyBytes } = config;
  const isAllowedOrigin = createOriginCheck(origins);
  const crossOrigin = {
    isAllowedOrigin,
    credentials: config.CORS_CREDENTIALS,
    headers: config.CORS_HEADERS,
    maxAgeSeconds: config.CORS_MAX_AGE_SECONDS,
  };
  return {
    security: { hstsMaxAgeSeconds: config.HSTS_MAX_AGE_SECONDS, maxHeaders },
    http: {
      crossOrigin: origins.length === 0 ? undefined : crossOrigin,
      maxBodyBytes,
      maxBatchSize: config.MAX_BATCH_SIZE,
    },
    socket: { isAllowedOrigin, maxHeaders, maxMessageBytes: maxBodyBytes },
  };
}
