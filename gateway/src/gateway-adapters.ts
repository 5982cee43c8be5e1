import { createCache, type Cache } from '@tessera/service/cache';
import { createEventBus, type EventBus } from '@tessera/service/events';
import type { Health } from '@tessera/service/health';
import type { Lifecycle } from '@tessera/service/lifecycle';
import { createLiveEvents, type LiveEvents } from '@tessera/service/live-events';
import type { Logger } from '@tessera/service/logging';
import { createPubSub, type PubSub } from '@tessera/service/pubsub';
import { createRedisRateLimiter, type SharedBuckets } from '@tessera/service/rate-limit';
import { assertRedisWritable, createRedis } from '@tessera/service/redis';
import type { CacheMetrics } from './caching/cache-metrics.js';

/** What a gateway shares with the other processes of its platform. */
export interface GatewayAdapters {
  /** Automatic persisted queries. */
  readonly cache: Cache;
  /** Revocations of sessions. */
  readonly pubSub: PubSub;
  /** Reports of tenants' usage. */
  readonly eventBus: EventBus;
  /** Channels and streams that subscriptions are bound to (`@events`). */
  readonly liveEvents: LiveEvents;
  /** Rate limits' buckets; absent where each process has its own. */
  readonly sharedBuckets?: SharedBuckets;
}

interface AdapterSources {
  readonly given: Partial<GatewayAdapters>;
  readonly redisUrl: string | undefined;
  readonly logger: Logger;
  readonly lifecycle: Lifecycle;
  readonly health: Health;
  readonly metrics: CacheMetrics;
  /** Whether anything is limited. */
  readonly withRateLimits: boolean;
}

/** Completes the adapters: what was not handed in is made over Redis, or within this process where there is none. */
export function createGatewayAdapters({
  given,
  redisUrl,
  logger,
  lifecycle,
  health,
  metrics,
  withRateLimits,
}: AdapterSources): GatewayAdapters {
  const redis =
    redisUrl === undefined ? undefined : createRedis(redisUrl, { name: 'gateway cache', logger, lifecycle });
  // Without Redis every gateway still answers, each by itself: none of them may be taken away for that.
  if (redis !== undefined) health.register('redis', () => assertRedisWritable(redis, 'gateway'), { required: false });
  const newCache = (): Cache =>
    createCache({
      service: 'gateway',
      logger,
      redis,
      observe: (outcome) => metrics.read('persisted_queries', outcome === 'hit' ? 'hit' : 'miss'),
    });
  const sharedBuckets = (): Pick<GatewayAdapters, 'sharedBuckets'> => {
    if (given.sharedBuckets !== undefined) return { sharedBuckets: given.sharedBuckets };
    if (redisUrl === undefined || !withRateLimits) return {};
    const redis = createRedis(redisUrl, { name: 'gateway rates', logger, lifecycle });
    return { sharedBuckets: createRedisRateLimiter({ redis }) };
  };
  const pubSub = given.pubSub ?? createPubSub({ redisUrl, logger, lifecycle });
  return {
    cache: given.cache ?? newCache(),
    pubSub,
    liveEvents: given.liveEvents ?? createLiveEvents({ pubSub, redisUrl, logger, lifecycle }),
    eventBus: given.eventBus ?? createEventBus({ redisUrl, logger, lifecycle }),
    ...sharedBuckets(),
  };
}
