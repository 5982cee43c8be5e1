export type { Cache, CacheEntryOptions, CacheObserver, CacheOutcome } from './cache.js';
export { createCache, type CreateCacheOptions } from './create-cache.js';
export { createInProcessCache, type InProcessCacheOptions } from './in-process-cache.js';
export { createRedisCache, type RedisCacheOptions } from './redis-cache.js';
