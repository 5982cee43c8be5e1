import { createCache } from '../cache/index.js';
import { ConfigError } from '../config/index.js';
import { createEventBus, observeDeadEvents } from '../events/index.js';
import type { Health } from '../health/index.js';
import type { Lifecycle } from '../lifecycle/index.js';
import type { Logger } from '../logging/index.js';
import type { Metrics } from '../metrics/index.js';
import { createPubSub } from '../pubsub/index.js';
import { assertRedisWritable, createRedis } from '../redis/index.js';
import type { SharedAdapters } from './platform.js';

export interface SharedAdaptersOptions {
  readonly service: string;
  readonly logger: Logger;
  readonly lifecycle: Lifecycle;
  readonly health: Health;
  readonly metrics: Metrics;
}

/**
 * Connects to Redis for all that services share in distributed mode. A Redis that is down degrades the service and does not
 * stop it: what must not be lost waits in the outbox.
 *
 * @throws ConfigError without a URL: processes that share nothing would each be right alone and wrong together
 */
export function connectSharedAdapters(redisUrl: string | undefined, options: SharedAdaptersOptions): SharedAdapters {
  if (redisUrl === undefined) throw new ConfigError(['REDIS_URL: required, except in local mode']);
  const { service, logger, lifecycle, health, metrics } = options;
  const redis = createRedis(redisUrl, { logger, lifecycle, name: service });
  health.register('redis', () => assertRedisWritable(redis, service), { required: false });
  observeDeadEvents(redis, metrics);
  const hits = metrics.counter('cache_hits_total', 'Cache reads that found a value');
  const misses = metrics.counter('cache_misses_total', 'Cache reads that found none, or failed');
  return {
    cache: createCache({
      redis,
      service,
      logger,
      observe: (outcome) => (outcome === 'hit' ? hits : misses).inc(),
    }),
    pubSub: createPubSub({ redisUrl, logger, lifecycle }),
    eventBus: createEventBus({ redisUrl, logger, lifecycle }),
  };
}
