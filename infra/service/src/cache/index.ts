export type { Cache, CacheEntryOptions, CacheObserver, CacheOutcome } from './cache.js';
export { createInProcessCache, type InProcessCacheOptions } from './in-process-cache.js';
