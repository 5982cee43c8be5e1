import { createRequire } from 'node:module';
import type { Redis } from 'ioredis';
import { addressOptions, commonOptions } from './redis-options.js';
import { parseRedisUrl } from './redis-url.js';

/** Loaded where there is a Redis, as in `createRedis`. */
const load = createRequire(import.meta.url);

/**
 * Opens a connection to one server that does not reconnect: when it ends, its owner opens the next one and knows that
 * there was a gap. In a cluster it goes to one node, and each attempt to the next.
 *
 * @param attempt counts the connections opened so far
 */
export function openSingleConnection(url: string, name: string, attempt: number): Redis {
  const { Redis } = load('ioredis') as typeof import('ioredis');
  const target = parseRedisUrl(url);
  const options = { ...commonOptions(target, name, 1_000), retryStrategy: null, autoResubscribe: false };
  if (target.kind !== 'cluster') {
    return new Redis({ ...options, ...addressOptions(target), sentinelRetryStrategy: () => null });
  }
  return new Redis({ ...options, ...target.nodes[attempt % target.nodes.length] });
}
