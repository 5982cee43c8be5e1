import { once } from 'node:events';
import { AppError } from '../errors/index.js';
import type { RedisClient } from './create-redis.js';

/**
 * Resolves when the connection can take commands.
 *
 * @throws AppError `OVERLOADED` when it cannot within the time; the signal's reason when that is aborted before
 */
export async function waitForRedis(redis: RedisClient, timeoutMs: number, signal?: AbortSignal): Promise<void> {
  if (redis.status === 'ready') return;
  const timeout = AbortSignal.timeout(timeoutMs);
  const abandoned = signal === undefined ? timeout : AbortSignal.any([timeout, signal]);
  try {
    await once(redis, 'ready', { signal: abandoned });
  } catch (error) {
    if (!timeout.aborted) throw error;
    throw new AppError('OVERLOADED', `Redis was not reachable within ${timeoutMs} ms`);
  }
}

/**
 * For a readiness probe: asks the server for a sign of life.
 *
 * @throws Error of the connection when there is none within its command deadline
 */
export async function pingRedis(redis: RedisClient): Promise<void> {
  await redis.ping();
}
