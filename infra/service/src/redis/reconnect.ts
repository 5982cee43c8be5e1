import type { Cluster, Redis } from 'ioredis';
import { reconnectDelayMs } from './redis-options.js';

/**
 * Keeps a connection that ioredis gives up. It reconnects by itself, but not where it is told of a failover while it asks a
 * Sentinel for the master: then it counts as closed, and every command would reject from there on.
 *
 * @returns ends that
 */
export function reconnectAfterEnd(redis: Redis | Cluster): () => void {
  const disconnect = redis.disconnect.bind(redis);
  let isWanted = true;
  let failures = 0;
  let timer: NodeJS.Timeout | undefined;
  function stop(): void {
    isWanted = false;
    clearTimeout(timer);
  }
  // Whoever closes it means it; ioredis itself asks for another connection.
  redis.disconnect = (reconnect = false) => {
    if (!reconnect) stop();
    disconnect(reconnect);
  };
  redis.on('ready', () => (failures = 0));
  redis.on('end', () => {
    if (!isWanted) return;
    failures += 1;
    // What fails is told as an event too, and ends once more.
    timer = setTimeout(() => void redis.connect().catch(() => undefined), reconnectDelayMs(failures));
  });
  return stop;
}
