export type { Cache, CacheEntryOptions, CacheObserver, CacheOutcome } from './cache.js';
export { createCache, type CreateCacheOptions } from './create-cache.js';
export { createInProcessCache, type InProcessCacheOptions } from './in-process-cache.js';
export { createRedisCache, type RedisCacheOptions } from './redis-cache.js';
export {
  createInProcessTaggedCache,
  type InProcessTaggedCache,
  type InProcessTaggedCacheOptions,
} from './in-process-tagged-cache.js';
export { createRedisTaggedCache, type RedisTaggedCacheOptions } from './redis-tagged-cache.js';
export type { TaggedCache, TaggedCodec, TaggedEntry, TaggedEntryOptions, TaggedReading } from './tagged-cache.js';
