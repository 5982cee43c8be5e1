import { anonymousPrincipal } from '@tessera/service/identity';
import type { Health } from '@tessera/service/health';
import {
  createClientAddresses,
  createClientPlaces,
  createHttpServer,
  createRequestMetrics,
  type ClientAddressOf,
  type ClientPlaceOf,
  type HttpServer,
} from '@tessera/service/http';
import type { Lifecycle } from '@tessera/service/lifecycle';
import type { Logger } from '@tessera/service/logging';
import type { Metrics } from '@tessera/service/metrics';
import { createRepeats } from './caching-routes.js';
import type { GatewayConfig } from './config.js';
import { createAuditExports } from './guards/audit-exports.js';
import { createDoor } from './guards/door.js';
import type { KeySet } from './guards/key-set.js';
import { createSessionRequests } from './guards/session-requests.js';
import type { Tenants } from './guards/tenants/open-tenants.js';
import { createTokenRequests } from './guards/token-requests.js';
import { createHttpSettings } from './http-settings.js';
import { createForwardHeaders } from './transport/forward-headers.js';
import { addAuditExport } from './transport/http/audit-export.js';
import { addCookieMode } from './transport/http/cookie-mode.js';
import type { CrossOriginOptions } from './transport/http/cross-origin.js';
import { addHttpTransport, graphqlPath } from './transport/http/http-transport.js';
import { addSecurityHeaders } from './transport/http/security-headers.js';
import { addSessionRoutes } from './transport/http/session-routes.js';
import { addTokenEndpoint } from './transport/http/token-endpoint.js';
import { addStreamCallbacks, type StreamCallbacks } from './transport/http/stream-callbacks.js';
import { addWellKnown } from './transport/http/well-known.js';
import type { LiveConnections } from './transport/live-connections.js';
import type { OperationHandler } from './transport/operation-handler.js';
import { createOriginCheck } from './transport/origins.js';
import { addPages } from './transport/pages/pages.js';
import { addWebSocketTransport } from './transport/websocket/websocket-transport.js';

type DoorOptions = Parameters<typeof createDoor>[0];

/** What bytes need on their way to the rooms behind, and back. */
export type TransportGround = Parameters<typeof createRepeats>[0] &
  DoorOptions & {
    readonly config: GatewayConfig;
    readonly logger: Logger;
    readonly lifecycle: Lifecycle;
    readonly connections: LiveConnections;
    readonly registry: Metrics;
    readonly health: Health;
    readonly handler: OperationHandler;
    readonly keySet: KeySet | undefined;
    readonly callbacks: StreamCallbacks | undefined;
    readonly tenants: Tenants | undefined;
  };

/** Room 1: puts every transport on one server, whose port is still closed. */
export function openTransports(ground: TransportGround): HttpServer {
  const { config, logger, lifecycle, connections, registry, health, handler, keySet } = ground;
  const { authenticate, rateLimits, gate } = ground;
  const maxBodyBytes = config.MAX_BODY_BYTES;
  const requestMetrics = createRequestMetrics(registry);
  const server = createHttpServer({ logger, lifecycle, health, metrics: registry, requestMetrics, maxBodyBytes });
  const settings = createHttpSettings(config);
  addSecurityHeaders(server, settings.security);
  addWellKnown(server, keySet);
  if (ground.callbacks !== undefined) addStreamCallbacks(server, ground.callbacks);
  const servePage = addPages(server, { graphiql: config.GRAPHIQL, ofMails: config.JWKS_URL !== undefined });
  const requestTimeoutMs = config.REQUEST_TIMEOUT_MS;
  const forwardHeaders = createForwardHeaders(config.FORWARD_HEADERS);
  const client = createClientSide(config);
  openCookies(server, ground, client, settings.http.crossOrigin);
  openTokenEndpoint(server, ground, client);
  openAuditExport(server, ground, client);
  const heartbeatMs = config.SOCKET_PING_INTERVAL_MS;
  const maxOperationsPerConnection = config.MAX_SUBSCRIPTIONS_PER_SOCKET;
  const transport = { handler, connections, requestTimeoutMs, forwardHeaders, ...client };
  addHttpTransport(server, {
    ...transport,
    ...settings.http,
    security: settings.security,
    requestMetrics,
    logger,
    servePage,
    repeats: createRepeats(ground, client.clientAddressOf, requestMetrics),
    heartbeatMs,
    maxOperationsPerChannel: maxOperationsPerConnection,
    reservationTimeoutMs: config.CONNECTION_INIT_TIMEOUT_MS,
    door: createDoor({ gate, rateLimits, authenticate }),
  });
  addWebSocketTransport(server, {
    ...transport,
    ...settings.socket,
    logger,
    connectionInitTimeoutMs: config.CONNECTION_INIT_TIMEOUT_MS,
    maxOperationsPerSocket: maxOperationsPerConnection,
    pingIntervalMs: heartbeatMs,
  });
  return server;
}

/** How it is found out where requests come from. */
interface ClientSide {
  readonly clientAddressOf: ClientAddressOf;
  readonly clientPlaceOf: ClientPlaceOf;
}

function createClientSide(config: GatewayConfig): ClientSide {
  const { TRUSTED_PROXIES: trustedProxies, CLIENT_COUNTRY_HEADER, CLIENT_CITY_HEADER } = config;
  const [countryHeader, cityHeader] = [CLIENT_COUNTRY_HEADER, CLIENT_CITY_HEADER];
  return {
    clientAddressOf: createClientAddresses(trustedProxies),
    clientPlaceOf: createClientPlaces({ trustedProxies, countryHeader, cityHeader }),
  };
}

/** Tokens are kept in cookies where pages of some origin may have that. */
function openCookies(
  server: HttpServer,
  ground: TransportGround,
  client: ClientSide,
  crossOrigin: CrossOriginOptions | undefined,
): void {
  const { SESSION_COOKIE_ORIGINS: origins, API_KEYS_URL: url, PRINCIPAL_SECRET: [signingSecret] = [] } = ground.config;
  if (origins.length === 0 || url === undefined || signingSecret === undefined) return;
  addSessionRoutes(server, {
    refreshTokenOf: addCookieMode(server, graphqlPath, createOriginCheck(origins)),
    sessions: createSessionRequests({ url, signingSecret, logger: ground.logger }),
    admit: admitAnonymous(ground),
    crossOrigin,
    ...client,
  });
}

/** Who asks is counted like everybody who has no token yet. */
function admitAnonymous({ rateLimits }: TransportGround) {
  return (
    rateLimits &&
    (async (clientAddress: string, setResponseHeader: (name: string, value: string) => void) =>
      rateLimits.admit({ principal: anonymousPrincipal, clientAddress, setResponseHeader }))
  );
}

/** The audit log is written out here where auth is known. */
function openAuditExport(server: HttpServer, ground: TransportGround, client: ClientSide): void {
  const { API_KEYS_URL: url, PRINCIPAL_SECRET: [signingSecret] = [] } = ground.config;
  if (url === undefined || signingSecret === undefined) return;
  const { rateLimits, handler, connections, tenants } = ground;
  addAuditExport(server, {
    handler,
    open: createAuditExports({ url, signingSecret, logger: ground.logger }),
    async admit({ principal }, clientAddress, setResponseHeader) {
      await rateLimits?.admit({ principal, clientAddress, setResponseHeader });
      await tenants?.policies.assertAllowed({ principal, clientAddress });
    },
    connections,
    ...client,
  });
}

/** Programs fetch tokens here where auth is known. */
function openTokenEndpoint(server: HttpServer, ground: TransportGround, client: ClientSide): void {
  const { API_KEYS_URL: url, PRINCIPAL_SECRET: [signingSecret] = [] } = ground.config;
  if (url === undefined || signingSecret === undefined) return;
  const forward = createTokenRequests({ url, signingSecret, logger: ground.logger });
  addTokenEndpoint(server, { forward, admit: admitAnonymous(ground), ...client });
}
