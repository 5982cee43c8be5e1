export { createRedis, type RedisClient, type RedisOptions } from './create-redis.js';
export { channelPrefix, deadEventStreamKey, entryKey, eventStreamKey, serviceKey, type EntryName } from './keys.js';
export { openSubscriber } from './open-subscriber.js';
export { reconnectDelayMs } from './redis-options.js';
export { parseRedisUrl, type RedisNode, type RedisTarget } from './redis-url.js';
export { pingRedis, waitForRedis } from './wait-for-redis.js';
