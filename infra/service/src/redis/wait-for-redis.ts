import { AppError } from '../errors/index.js';
import type { RedisClient } from './create-redis.js';

/**
 * Resolves when the connection can take commands.
 *
 * @throws AppError `OVERLOADED` when it cannot within the time
 */
export async function waitForRedis(redis: RedisClient, timeoutMs: number): Promise<void> {
  if (redis.status === 'ready') return;
  await new Promise<void>((resolve, reject) => {
    const ready = (): void => {
      clearTimeout(timer);
      resolve();
    };
    const timer = setTimeout(() => {
      redis.off('ready', ready);
      reject(new AppError('OVERLOADED', `Redis was not reachable within ${timeoutMs} ms`));
    }, timeoutMs);
    redis.once('ready', ready);
  });
}

/**
 * For a readiness probe: asks the server for a sign of life.
 *
 * @throws Error of the connection when there is none within its command deadline
 */
export async function pingRedis(redis: RedisClient): Promise<void> {
  await redis.ping();
}
