import { Redis } from 'ioredis';
import { addressOptions, commonOptions } from './redis-options.js';
import { parseRedisUrl } from './redis-url.js';

/**
 * Opens one connection for `SUBSCRIBE`. It does not reconnect: when it ends, its owner opens the next one, knows that
 * messages were missed, and subscribes again. In a cluster every node relays every message, so the connection goes to
 * one node, and each attempt to the next.
 *
 * @param attempt counts the connections opened so far
 */
export function openSubscriber(url: string, name: string, attempt: number): Redis {
  const target = parseRedisUrl(url);
  const options = { ...commonOptions(target, name, 2_000), retryStrategy: null, autoResubscribe: false };
  if (target.kind !== 'cluster') {
    return new Redis({ ...options, ...addressOptions(target), sentinelRetryStrategy: () => null });
  }
  return new Redis({ ...options, ...target.nodes[attempt % target.nodes.length] });
}
