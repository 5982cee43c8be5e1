import { once } from 'node:events';
import { AppError } from '../errors/index.js';
import type { RedisClient } from './create-redis.js';
import { serviceKey } from './keys.js';

const probeLifetimeMs = 10_000;

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
 * For a readiness probe: has the server write something. One that is full, or has become a replica, answers a ping all the same.
 *
 * @throws Error of the connection, or of the server, when it does not within the command's deadline
 */
export async function assertRedisWritable(redis: RedisClient, service: string): Promise<void> {
  await redis.set(serviceKey(service, 'probe'), '', 'PX', probeLifetimeMs);
}
