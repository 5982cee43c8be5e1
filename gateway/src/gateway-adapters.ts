import { createCache, type Cache } from '@tessera/service/cache';
import { createEventBus, type EventBus } from '@tessera/service/events';
import type { Lifecycle } from '@tessera/service/lifecycle';
import type { Logger } from '@tessera/service/logging';
import type { Metrics } from '@tessera/service/metrics';
import { createPubSub, type PubSub } from '@tessera/service/pubsub';
import { createRedisRateLimiter, type SharedBuckets } from '@tessera/service/rate-limit';
import { createRedis } from '@tessera/service/redis';

/** What a gateway shares with the other processes of its platform. */
export interface GatewayAdapters {
  /** Automatic persisted queries. */
  readonly cache: Cache;
  /** Revocations of sessions. */
  readonly pubSub: PubSub;
  /** Reports of tenants' usage. */
  readonly eventBus: EventBus;
  /** Rate limits' buckets; absent where each process has its own. */
  readonly sharedBuckets?: SharedBuckets;
}

interface AdapterSources {
  readonly given: Partial<GatewayAdapters>;
  readonly redisUrl: string | undefined;
  readonly logger: Logger;
  readonly lifecycle: Lifecycle;
  readonly metrics: Metrics;
  /** Whether anything is limited. */
  readonly withRateLimits: boolean;
}

/** Completes the adapters: what was not handed in is made over Redis, or within this process where there is none. */
export function createGatewayAdapters({
  given,
  redisUrl,
  logger,
  lifecycle,
  metrics,
  withRateLimits,
}: AdapterSources): GatewayAdapters {
  const hits = metrics.counter('cache_hits_total', 'Cache reads that found a value');
  const misses = metrics.counter('cache_misses_total', 'Cache reads that found none');
  const newCache = (): Cache =>
    createCache({
      service: 'gateway',
      logger,
      redis: redisUrl === undefined ? undefined : createRedis(redisUrl, { name: 'gateway cache', logger, lifecycle }),
      observe: (outcome) => (outcome === 'hit' ? hits : misses).inc(),
    });
  const sharedBuckets = (): Pick<GatewayAdapters, 'sharedBuckets'> => {
    if (given.sharedBuckets !== undefined) return { sharedBuckets: given.sharedBuckets };
    if (redisUrl === undefined || !withRateLimits) return {};
    const redis = createRedis(redisUrl, { name: 'gateway rates', logger, lifecycle });
    return { sharedBuckets: createRedisRateLimiter({ redis }) };
  };
  return {
    cache: given.cache ?? newCache(),
    pubSub: given.pubSub ?? createPubSub({ redisUrl, logger, lifecycle }),
    eventBus: given.eventBus ?? createEventBus({ redisUrl, logger, lifecycle }),
    ...sharedBuckets(),
  };
}
