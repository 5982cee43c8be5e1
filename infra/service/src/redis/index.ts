export { createRedis, type RedisClient, type RedisOptions } from './create-redis.js';
export {
  channelPrefix,
  deadEventStreamKey,
  entryKey,
  eventStreamKey,
  liveStreamKey,
  rateKey,
  serviceKey,
  type EntryName,
} from './keys.js';
export { reconnectDelayMs } from './redis-options.js';
export { parseRedisUrl, type RedisNode, type RedisTarget } from './redis-url.js';
export { RotatingConnection, type RotatingConnectionOptions } from './rotating-connection.js';
export { assertRedisWritable, waitForRedis } from './wait-for-redis.js';
