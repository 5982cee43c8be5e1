import { startInternalServer, type ClientAddressOf, type HttpServer, type RequestMetrics } from '@tessera/service/http';
import type { Lifecycle } from '@tessera/service/lifecycle';
import type { Metrics } from '@tessera/service/metrics';
import type { Caching } from './caching/caching.js';
import { addInvalidationRoute } from './caching/invalidation/invalidation-route.js';
import { keepsValues } from './config-caching.js';
import type { GatewayConfig } from './config.js';
import { RepeatedRequests } from './transport/http/repeated-requests.js';

interface CachingGround {
  readonly config: GatewayConfig;
  readonly caching: Caching | undefined;
  readonly lifecycle: Pick<Lifecycle, 'drainSignal'>;
  readonly tracing: object | undefined;
}

/** A shorter way to answers that are kept. Who traces goes the whole way, where spans begin. */
export function createRepeats(
  { caching, tracing, lifecycle, config }: CachingGround,
  clientAddressOf: ClientAddressOf,
  requestMetrics: RequestMetrics,
): RepeatedRequests | undefined {
  if (caching === undefined || tracing !== undefined || !keepsValues(config)) return undefined;
  const { drainSignal } = lifecycle;
  return new RepeatedRequests({ clientAddressOf, requestMetrics, isResting: () => drainSignal.aborted });
}

/** Opens the port for operators: metrics, and what they ask of the caching room. @returns the port that was really taken */
export async function openInternalPort(
  metrics: Metrics,
  { caching, config, lifecycle }: CachingGround & { readonly lifecycle: Lifecycle },
  port: number,
): Promise<{ readonly internalPort: number }> {
  const { HOST: host, CACHE_INVALIDATION_SECRET: secrets } = config;
  const addRoutes = (server: HttpServer): void => {
    if (caching !== undefined && secrets !== undefined) addInvalidationRoute(server, secrets, caching.invalidator);
  };
  return { internalPort: await startInternalServer(metrics, lifecycle, { host, port, addRoutes }) };
}
