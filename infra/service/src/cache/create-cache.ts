import type { Logger } from '../logging/index.js';
import type { RedisClient } from '../redis/index.js';
import type { Cache, CacheObserver } from './cache.js';
import { createInProcessCache } from './in-process-cache.js';
import { createRedisCache } from './redis-cache.js';

export interface CreateCacheOptions {
  readonly service: string;
  readonly logger: Logger;
  /** The connection that all instances share; without it, each process caches for itself. */
  readonly redis?: RedisClient | undefined;
  readonly observe?: CacheObserver;
}

/** Creates a service's cache: in Redis where there is one, else in this process. */
export function createCache({ redis, service, logger, observe = () => undefined }: CreateCacheOptions): Cache {
  if (redis === undefined) return createInProcessCache({ observe });
  return createRedisCache({ redis, service, logger, observe });
}
